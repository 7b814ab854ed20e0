//! The dashboard in a browser, as a test sees it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use crate::chromium::{Chromium, Event};
use crate::process::eventually;
use crate::server::Server;

/// `$('css')` and `$$('css')` find elements that are shown; of `css|text` only those whose text is, or begins with, that.
const FIND: &str = r"
const $$ = (what) => {
  const [css, text] = what.split('|');
  const found = [...document.querySelectorAll(css)].filter((element) => element.checkVisibility());
  if (text === undefined) return found;
  const said = (element) => (element.innerText || element.getAttribute('aria-label') || '').trim();
  const same = found.filter((element) => said(element) === text);
  return same.length > 0 ? same : found.filter((element) => said(element).startsWith(text));
};
const $ = (what) => $$(what)[0] ?? null;
";

/// How long anything may take that takes no time on an idle machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A wide screen.
const WIDE: (u32, u32) = (1280, 900);

/// One tab with the dashboard in it.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) chromium: Chromium,
    session: String,
    origin: String,
}

impl Page {
    /// Opens the dashboard of a server at an address like `?device=pump-7`; `None` where there is no browser.
    pub(crate) fn open(server: &Server, query: &str) -> Option<Self> {
        let page = Self::blank(server)?;
        Some(page.at(query))
    }

    /// An empty tab, from which nothing has been asked yet.
    pub(crate) fn blank(server: &Server) -> Option<Self> {
        Self::of(server.address())
    }

    /// The same of a server at `http://127.0.0.1:PORT`.
    pub(crate) fn of(origin: &str) -> Option<Self> {
        let mut chromium = Chromium::start()?;
        let target = chromium.call(None, "Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session =
            chromium.call(None, "Target.attachToTarget", &attach)["sessionId"].as_str().unwrap().to_owned();
        let downloads =
            json!({"behavior": "allow", "downloadPath": chromium.folder(), "eventsEnabled": true});
        chromium.call(None, "Browser.setDownloadBehavior", &downloads);
        let mut page = Self { chromium, session, origin: origin.to_owned() };
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.call(&format!("{domain}.enable"), &json!({}));
        }
        // Tests run beside each other, and each has the keyboard.
        page.call("Emulation.setFocusEmulationEnabled", &json!({"enabled": true}));
        page.size(WIDE.0, WIDE.1, false);
        Some(page)
    }

    /// The same tab with the dashboard in it.
    pub(crate) fn at(mut self, query: &str) -> Self {
        let url = format!("{}/dashboard/{query}", self.origin);
        self.call("Page.navigate", &json!({"url": url}));
        self.until(
            "the page is there",
            "location.pathname === '/dashboard/' && document.readyState === 'complete'",
        );
        self
    }

    /// Loads the address again, as the reload button does.
    pub(crate) fn reload(&mut self) {
        self.eval("window.before = true");
        self.call("Page.reload", &json!({}));
        self.until("the page is there again", "!window.before && document.readyState === 'complete'");
    }

    /// The size of the screen in CSS pixels; a phone's also has touch.
    pub(crate) fn size(&mut self, width: u32, height: u32, phone: bool) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
        self.call("Emulation.setDeviceMetricsOverride", &size);
        self.call("Emulation.setTouchEmulationEnabled", &json!({"enabled": phone, "maxTouchPoints": 2}));
    }

    /// What the system prefers: `dark` or `light`.
    pub(crate) fn prefer(&mut self, scheme: &str) {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.call("Emulation.setEmulatedMedia", &features);
    }

    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.chromium.call(Some(&self.session), method, parameters)
    }

    /// The value of an expression in the page; promises are awaited. An exception fails the test.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let expression = format!("(async () => {{ {FIND}\nreturn ({expression}); }})()");
        let parameters = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", &parameters);
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {}", thrown["exception"]["description"]);
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true, and answers its value.
    pub(crate) fn until(&mut self, what: &str, expression: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.eval(expression);
            if ![json!(null), json!(false), json!(0), json!("")].contains(&value) {
                return value;
            }
            if Instant::now() > deadline {
                let shot = self.screenshot(&format!("failed {what}"));
                panic!(
                    "{what}: not within {PATIENCE:?}; {expression}; see {}\n{}",
                    shot.display(),
                    self.faults().join("\n")
                );
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The text that an element shows.
    pub(crate) fn text(&mut self, element: &str) -> String {
        self.until(
            &format!("{element} is shown"),
            &format!("$({element:?}) && {{ text: $({element:?}).innerText }}"),
        )["text"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// An attribute of an element; `None` where the element has it not.
    pub(crate) fn attribute(&mut self, element: &str, name: &str) -> Option<String> {
        let value = self.until(
            &format!("{element} is shown"),
            &format!("$({element:?}) && {{ value: $({element:?}).getAttribute({name:?}) }}"),
        );
        value["value"].as_str().map(str::to_owned)
    }

    /// An attribute of an element that is a number.
    pub(crate) fn number(&mut self, element: &str, name: &str) -> f64 {
        let text = self.attribute(element, name).unwrap_or_else(|| panic!("{element} has no {name}"));
        text.parse().unwrap_or_else(|_| panic!("{name} of {element} is {text:?}"))
    }

    /// The query of the address.
    pub(crate) fn query(&mut self) -> String {
        self.eval("location.search").as_str().unwrap().to_owned()
    }

    /// The events of one method so far.
    pub(crate) fn events(&self, method: &str) -> Vec<Value> {
        let events = self.chromium.events().into_iter();
        events.filter(|event| event.method == method).map(|event| event.parameters).collect()
    }

    /// What was asked of the server so far, without its origin.
    pub(crate) fn asked(&self) -> Vec<String> {
        let requests = self.events("Network.requestWillBeSent").into_iter();
        requests
            .filter_map(|request| {
                Some(request["request"]["url"].as_str()?.strip_prefix(&self.origin)?.to_owned())
            })
            .collect()
    }

    /// How many requests have no end yet.
    pub(crate) fn pending(&self) -> usize {
        let of = |method: &str| self.events(method).into_iter().map(|event| event["requestId"].to_string());
        let ended: std::collections::HashSet<_> =
            of("Network.loadingFinished").chain(of("Network.loadingFailed")).collect();
        of("Network.requestWillBeSent").filter(|id| !ended.contains(id)).count()
    }

    /// Does something that the page answers with a file; answers the file's name and content.
    pub(crate) fn download(&mut self, act: impl FnOnce(&mut Self)) -> (String, Vec<u8>) {
        let before = self.events("Browser.downloadWillBegin").len();
        act(self);
        let begun = eventually("a file", PATIENCE, || {
            self.events("Browser.downloadWillBegin").into_iter().nth(before)
        });
        let guid = &begun["guid"];
        eventually("the whole file", PATIENCE, || {
            let progress = self.events("Browser.downloadProgress");
            let last = progress.into_iter().rfind(|progress| progress["guid"] == *guid)?;
            assert_ne!(last["state"], "canceled", "{begun}");
            (last["state"] == "completed").then_some(())
        });
        let name = begun["suggestedFilename"].as_str().unwrap().to_owned();
        let file = self.chromium.folder().join(&name);
        let content = std::fs::read(&file).unwrap();
        std::fs::remove_file(file).unwrap();
        (name, content)
    }

    /// Keeps a picture of the whole page beside the tests' other files, or in `IOT_ARTEFACTS`; answers where.
    pub(crate) fn screenshot(&mut self, name: &str) -> PathBuf {
        self.eval("scrollTo(0, 0)");
        let picture = self.call("Page.captureScreenshot", &json!({"captureBeyondViewport": true}));
        let bytes = BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        let folder = std::env::var_os("IOT_ARTEFACTS")
            .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join(format!("dashboard {name}.png").replace(' ', "-"));
        std::fs::write(&file, bytes).unwrap();
        file
    }

    /// What a page without a fault never does: exceptions, errors and warnings in the console, what the content
    /// security policy stopped, dialogs, and anything asked of anyone but its server's `/api/v1`.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.chromium.events().into_iter().filter_map(|event| self.fault(event)).collect()
    }

    fn fault(&self, Event { method, parameters }: Event) -> Option<String> {
        let wrong = match method.as_str() {
            "Runtime.exceptionThrown" | "Page.javascriptDialogOpening" => true,
            "Runtime.consoleAPICalled" => {
                ["error", "warning", "assert"].iter().any(|bad| parameters["type"] == *bad)
            }
            "Log.entryAdded" => ["error", "warning"].iter().any(|bad| parameters["entry"]["level"] == *bad),
            "Network.requestWillBeSent" => {
                let url = parameters["request"]["url"].as_str()?;
                let path = url.strip_prefix(&self.origin).unwrap_or_default();
                // Chromium draws the buttons of its own fields from pictures in data URLs.
                let own = ["blob:", "data:"].iter().any(|scheme| url.starts_with(scheme));
                !own && !["/dashboard/", "/api/v1/"].iter().any(|start| path.starts_with(start))
            }
            _ => false,
        };
        let entry = &parameters["entry"];
        let text = entry["text"].as_str().map(|text| format!("{text} {}", entry["url"]));
        wrong.then(|| text.unwrap_or_else(|| format!("{method} {parameters}")))
    }

    /// The same where the server refuses what a method cannot do, as to learn from too few readings: Chromium logs that.
    pub(crate) fn assert_clean_but_for_refusals(&self) {
        let refusal = |fault: &String| fault.contains("status of 4") && fault.contains("/anomalies?");
        assert_eq!(self.faults().into_iter().filter(|fault| !refusal(fault)).collect::<Vec<_>>(), [""; 0]);
    }

    /// The same where a relay fails what a test says: Chromium logs that too, and nothing else may be wrong.
    pub(crate) fn assert_clean_but_for(&self, allowed: &[&str]) {
        let expected = |fault: &String| allowed.iter().any(|words| fault.contains(words));
        assert_eq!(self.faults().into_iter().filter(|fault| !expected(fault)).collect::<Vec<_>>(), [""; 0]);
    }

    /// Fails the test if the page has done what a page without a fault never does.
    pub(crate) fn assert_clean(&self) {
        assert_eq!(self.faults(), [""; 0]);
    }
}
