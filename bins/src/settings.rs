//! Settings from flags, environment and one TOML file, in this order of precedence.
//!
//! A setting is defined once, as a flag. Its variable is `IOT_` and the flag's long name: `IOT_MAX_ROWS` for `--max-rows`.
//! The file's keys are the flags' long names, in a table named after the binary, so that one file serves all of them:
//!
//! ```toml
//! [forward]
//! from = "kafka://127.0.0.1:9092/machinery-data"
//! to = "questdb://127.0.0.1:9000/readings?pg=8812"
//! ```

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};
use iot::ErrorKind;

use crate::fail;

/// The tables that a file may have: one for each binary.
const TABLES: [&str; 4] = ["demo", "forward", "serve", "simulate"];

/// Parses the settings of a binary.
#[derive(Debug)]
pub struct Settings {
    command: Command,
    table: &'static str,
}

impl Settings {
    /// The settings of the binary whose flags are `T`, with `table` as its part of the file.
    pub fn of<T: CommandFactory>(table: &'static str) -> Self {
        let command = T::command().args_override_self(true).mut_args(with_variable);
        Self { command, table }
    }

    /// Parses `arguments` (the first is the program's name), and the file that they or the environment name.
    ///
    /// # Errors
    ///
    /// A [`clap::Error`] if a flag is wrong, else an error that names the file and the field.
    pub fn parse<T: FromArgMatches>(self, arguments: Vec<OsString>) -> Result<T> {
        // Only to find the file: what is required may stand in it.
        let lenient = self.command.clone().ignore_errors(true).try_get_matches_from(arguments.clone());
        let lenient = lenient.ok();
        let file = lenient.as_ref().and_then(|matches| matches.get_one::<PathBuf>("config").cloned());
        let given = |arg: &Arg| {
            let source = lenient.as_ref().and_then(|matches| matches.value_source(arg.get_id().as_str()));
            source == Some(ValueSource::CommandLine)
        };
        let Some(file) = file else {
            let matches = self.command.try_get_matches_from(arguments)?;
            return Ok(T::from_arg_matches(&matches)?);
        };
        let mut with_file: Vec<OsString> = arguments.iter().take(1).cloned().collect();
        with_file.extend(self.flags_of(&file, |_| false)?);
        // A mistake in the file is told apart from one on the command line by parsing the file alone first.
        let mut from_file = self.command.clone().args_override_self(true);
        for arg in required(&self.command) {
            from_file = from_file.mut_arg(arg, |arg| arg.required(false));
        }
        from_file
            .try_get_matches_from(with_file.clone())
            .map_err(|error| in_file(&file, self.table, &error))?;
        // Of a setting with several values those of the command line are all there are: it replaces, as for any other.
        with_file.truncate(1);
        with_file.extend(self.flags_of(&file, given)?);
        with_file.extend(arguments.into_iter().skip(1));
        let matches: ArgMatches = self.command.try_get_matches_from(with_file)?;
        Ok(T::from_arg_matches(&matches)?)
    }

    /// The file's table as flags, without those that are `given` and those of the environment, which come before the
    /// file.
    fn flags_of(&self, file: &Path, given: impl Fn(&Arg) -> bool) -> Result<Vec<OsString>> {
        let shown = file.display();
        let text = std::fs::read_to_string(file).map_err(|source| {
            iot::Error::invalid(format!("cannot read the settings file {shown}")).with_source(source)
        })?;
        let tables: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            fail(ErrorKind::Invalid, format!("{shown} is not TOML: {error}"))
        })?;
        if let Some(name) = tables.keys().find(|name| !TABLES.contains(&name.as_str())) {
            let known = TABLES.join(", ");
            bail!(fail(
                ErrorKind::Invalid,
                format!("{shown}: {name:?} is no table of a binary: there are {known}")
            ));
        }
        let Some(settings) = tables.get(self.table) else { return Ok(Vec::new()) };
        let table = self.table;
        let settings = settings.as_table().ok_or_else(|| {
            fail(ErrorKind::Invalid, format!("{shown}: {table} is not a table: write [{table}]"))
        })?;
        let mut flags = Vec::new();
        for (key, value) in settings {
            let arg = self.command.get_arguments().find(|arg| arg.get_long() == Some(key) && key != "config");
            let Some(arg) = arg else {
                bail!(fail(
                    ErrorKind::Invalid,
                    format!("{shown}: [{table}] has no setting {key:?}{}", self.like(key))
                ));
            };
            if given(arg) || arg.get_env().is_some_and(|name| std::env::var_os(name).is_some()) {
                continue;
            }
            flags_of_value(arg, key, value, &mut flags)
                .with_context(|| format!("{shown}: [{table}] {key}"))
                .map_err(|error| fail(ErrorKind::Invalid, format!("{error:#}")))?;
        }
        Ok(flags)
    }

    fn like(&self, key: &str) -> String {
        let names: Vec<&str> =
            self.command.get_arguments().filter_map(Arg::get_long).filter(|name| *name != "config").collect();
        let near = names
            .iter()
            .find(|name| name.contains(key) || key.contains(**name) || name.replace('-', "_") == key);
        match near {
            Some(name) => format!("; did you mean {name:?}?"),
            None => format!("; it has {}", names.join(", ")),
        }
    }
}

/// The argument with its variable, unless it is no setting.
fn with_variable(arg: Arg) -> Arg {
    let variable = match (arg.get_env(), arg.get_long()) {
        (None, Some(long)) if long != "check" => {
            OsString::from(format!("IOT_{}", long.replace('-', "_").to_ascii_uppercase()))
        }
        _ => return arg,
    };
    // One without a text is what a unit or a compose file has for one that is not set.
    let is_empty = std::env::var_os(&variable).is_some_and(|text| text.is_empty());
    if is_empty { arg } else { arg.env(variable) }
}

fn required(command: &Command) -> Vec<String> {
    command.get_arguments().filter(|arg| arg.is_required_set()).map(|arg| arg.get_id().to_string()).collect()
}

fn flags_of_value(arg: &Arg, key: &str, value: &toml::Value, flags: &mut Vec<OsString>) -> Result<()> {
    let switch = matches!(arg.get_action(), ArgAction::SetTrue);
    match value {
        toml::Value::Boolean(true) if switch => flags.push(format!("--{key}").into()),
        toml::Value::Boolean(false) if switch => {}
        _ if switch => bail!("{value} is not true or false"),
        toml::Value::Array(values) => {
            for value in values {
                flags_of_value(arg, key, value, flags)?;
            }
        }
        toml::Value::String(text) => flags.push(format!("--{key}={text}").into()),
        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Datetime(_) => {
            flags.push(format!("--{key}={value}").into());
        }
        toml::Value::Boolean(_) | toml::Value::Table(_) => bail!("{value} is not a value of this setting"),
    }
    Ok(())
}

fn in_file(file: &Path, table: &str, error: &clap::Error) -> anyhow::Error {
    let text = error.render().to_string();
    let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ").replace("'--", "'");
    fail(ErrorKind::Invalid, format!("{}: [{table}] {first}", file.display()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser, PartialEq)]
    struct Flags {
        #[arg(long)]
        config: Option<PathBuf>,
        #[arg(long)]
        to: String,
        #[arg(long, default_value_t = 10)]
        max_rows: usize,
        #[arg(long)]
        map: Vec<String>,
        #[arg(long)]
        check: bool,
        // Set in every test run, by cargo.
        #[arg(long, env = "CARGO_PKG_NAME")]
        package: Option<String>,
    }

    fn parse(file: &str, flags: &[&str]) -> Result<Flags, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("iot.toml");
        std::fs::write(&path, file).unwrap();
        let mut arguments: Vec<OsString> = vec!["program".into(), "--config".into(), path.into()];
        arguments.extend(flags.iter().map(OsString::from));
        let parsed = Settings::of::<Flags>("forward").parse(arguments);
        parsed.map_err(|error| format!("{error:#}").replace(&*folder.path().to_string_lossy(), ""))
    }

    #[test]
    fn the_file_gives_what_flags_and_environment_do_not() {
        let file = "[forward]\nto = 'sqlite:a'\nmax-rows = 5\ncheck = true\nmap = ['a=b', 'c=d']\npackage = 'file'\n[serve]\nx = 1";
        let flags = parse(file, &["--max-rows", "7"]).unwrap();
        assert_eq!(flags.to, "sqlite:a");
        assert_eq!(flags.max_rows, 7, "a flag comes before the file");
        assert_eq!(flags.map, ["a=b", "c=d"]);
        assert!(flags.check);
        assert_eq!(flags.package.as_deref(), Some("iot-bins"), "the environment comes before the file");
    }

    #[test]
    fn a_file_without_the_table_changes_nothing() {
        let flags = parse("[serve]\nlisten = 'x'", &["--to", "memory:"]).unwrap();
        assert_eq!((flags.to.as_str(), flags.max_rows), ("memory:", 10));
    }

    #[test]
    fn what_is_wrong_in_the_file_is_named() {
        for (file, fault) in [
            (
                "[forward]\nmax_rows = 5",
                r#"/iot.toml: [forward] has no setting "max_rows"; did you mean "max-rows"?"#,
            ),
            (
                "[forward]\nspeed = 5",
                r#"/iot.toml: [forward] has no setting "speed"; it has to, max-rows, map, check, package"#,
            ),
            (
                "[forward]\nmax-rows = 'many'",
                "/iot.toml: [forward] invalid value 'many' for 'max-rows <MAX_ROWS>': invalid digit found in string",
            ),
            (
                "[forward]\nmax-rows = -1",
                "/iot.toml: [forward] invalid value '-1' for 'max-rows <MAX_ROWS>': invalid digit found in string",
            ),
            ("[forward]\ncheck = 1", "/iot.toml: [forward] check: 1 is not true or false"),
            (
                "[forward]\nto = { url = 'x' }",
                "/iot.toml: [forward] to: { url = \"x\" } is not a value of this setting",
            ),
            (
                "[foward]\nmax-rows = 5",
                r#"/iot.toml: "foward" is no table of a binary: there are demo, forward, serve, simulate"#,
            ),
            ("forward = 1", "/iot.toml: forward is not a table: write [forward]"),
        ] {
            let error = parse(file, &["--to", "memory:"]).unwrap_err();
            assert!(error.starts_with(fault), "{error}");
        }
        let error = parse("[forward", &[]).unwrap_err();
        assert!(error.contains("/iot.toml is not TOML"), "{error}");
    }

    #[test]
    fn several_values_on_the_command_line_replace_those_of_the_file() {
        let file = "[forward]\nto = 'memory:'\nmap = ['a=b', 'c=d']";
        assert_eq!(parse(file, &["--map", "e=f", "--map", "g=h"]).unwrap().map, ["e=f", "g=h"]);
        assert_eq!(parse(file, &[]).unwrap().map, ["a=b", "c=d"]);
    }

    #[test]
    fn a_mistake_on_the_command_line_is_not_blamed_on_the_file() {
        let error = parse("[forward]\nto = 'memory:'", &["--max-rows", "many"]).unwrap_err();
        assert!(!error.contains("iot.toml") && error.contains("--max-rows"), "{error}");
    }

    #[test]
    fn a_required_setting_that_is_nowhere_is_asked_for() {
        let error = parse("[forward]\nmax-rows = 5", &[]).unwrap_err();
        assert!(error.contains("--to"), "{error}");
    }
}
