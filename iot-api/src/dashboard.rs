//! The web page: every file of it is in the binary.

use std::hash::{DefaultHasher, Hasher as _};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use crate::api::Context;
use crate::guard;

/// What the page may do: run its own scripts, and ask its own server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file of the page: its path below `/dashboard/`, its media type, its bytes.
type Asset = (&'static str, &'static str, &'static [u8]);

macro_rules! assets {
    ($($path:literal: $media_type:ident),+ $(,)?) => {
        &[$(($path, $media_type, include_bytes!(concat!("../dashboard/", $path)))),+]
    };
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

const ASSETS: &[Asset] = assets![
    "index.html": HTML,
    "style.css": CSS,
    "icon.svg": SVG,
    "anomalies.js": JS,
    "answer.js": JS,
    "api.js": JS,
    "axes.js": JS,
    "card.js": JS,
    "colours.js": JS,
    "device.js": JS,
    "devices.js": JS,
    "distributions.js": JS,
    "dom.js": JS,
    "fields.js": JS,
    "format.js": JS,
    "gestures.js": JS,
    "linked.js": JS,
    "main.js": JS,
    "marks.js": JS,
    "question.js": JS,
    "range.js": JS,
    "state.js": JS,
    "statistics.js": JS,
    "stream.js": JS,
    "timeplot.js": JS,
    "vendor/uPlot.iife.min.js": JS,
    "vendor/uPlot.min.css": CSS,
];

pub(crate) fn routes() -> Router<Arc<Context>> {
    Router::new()
        .route("/dashboard", get(async || Redirect::permanent("/dashboard/")))
        .route(
            "/dashboard/",
            get(async |headers: HeaderMap| asset("index.html", &headers).unwrap_or_else(absent)),
        )
        .route(
            "/dashboard/{*path}",
            get(async |Path(path): Path<String>, headers: HeaderMap| {
                asset(&path, &headers).unwrap_or_else(absent)
            }),
        )
}

/// What each file is known by, in the order of the files. Weak: it is the same of a compressed one.
static TAGS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let tag = |(.., bytes): &Asset| {
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        format!("W/\"{:016x}\"", hasher.finish())
    };
    ASSETS.iter().map(tag).collect()
});

fn asset(path: &str, headers: &HeaderMap) -> Option<Response> {
    let at = ASSETS.iter().position(|(known, ..)| *known == path)?;
    let ((_, media_type, bytes), tag) = (ASSETS[at], &*TAGS[at]);
    let head: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // A newer binary has a newer page: a browser asks each time whether its own is still that.
        (header::CACHE_CONTROL, "no-cache"),
        (header::ETAG, tag),
    ];
    let has_it = is_listed(headers, tag);
    Some(if has_it {
        (StatusCode::NOT_MODIFIED, head).into_response()
    } else {
        (head, bytes).into_response()
    })
}

/// Whether a client says that it has what is known by this tag.
fn is_listed(headers: &HeaderMap, tag: &str) -> bool {
    let lists = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|one| matches!(one.trim(), one if one == tag || one == "*"))
}

fn absent() -> Response {
    guard::refusal(&Uri::from_static("/dashboard/"), StatusCode::NOT_FOUND, "Not Found")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words in quotes of a text.
    fn quoted(text: &str) -> impl Iterator<Item = &str> {
        text.split(['"', '\'', '`']).skip(1).step_by(2)
    }

    #[test]
    fn every_file_that_a_file_of_the_page_names_is_in_the_binary_and_no_other() {
        let mut named = std::collections::BTreeSet::from(["index.html".to_owned()]);
        for (path, media_type, bytes) in ASSETS {
            if path.starts_with("vendor/") || *media_type == SVG {
                continue;
            }
            let text = String::from_utf8_lossy(bytes);
            let names = text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(quoted);
            let files =
                names.filter(|name| [".js", ".css", ".svg", ".html"].iter().any(|end| name.ends_with(end)));
            for file in files {
                let file = file.trim_start_matches("./");
                assert!(ASSETS.iter().any(|(known, ..)| *known == file), "{path} names {file}");
                named.insert(file.to_owned());
            }
        }
        for (path, ..) in ASSETS {
            assert!(named.contains(*path), "nothing names {path}");
        }
    }

    #[test]
    fn every_id_that_is_promised_or_looked_for_is_in_the_page() {
        let page = include_str!("../dashboard/index.html");
        let promised = include_str!("../dashboard/README.md").split('`').skip(1).step_by(2);
        let promised = promised.filter_map(|hook| hook.strip_prefix('#')?.split([' ', ',']).next());
        let scripts =
            ASSETS.iter().filter(|(path, ..)| path.ends_with(".js") && !path.starts_with("vendor/"));
        let texts: Vec<_> = scripts.map(|(.., bytes)| String::from_utf8_lossy(bytes)).collect();
        let sought = texts
            .iter()
            .flat_map(|text| text.split("byId('").skip(1))
            .filter_map(|rest| rest.split('\'').next());
        let ids: Vec<&str> = promised.chain(sought).collect();
        assert!(ids.len() > 50, "{ids:?}");
        for id in ids {
            assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
        }
    }

    #[test]
    fn no_file_of_the_page_makes_markup_of_text() {
        for (path, _, bytes) in ASSETS.iter().filter(|(path, ..)| !path.starts_with("vendor/")) {
            let text = String::from_utf8_lossy(bytes);
            for risky in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                " style=",
                " onclick=",
            ] {
                assert!(!text.contains(risky), "{path} has {risky}");
            }
        }
    }
}
