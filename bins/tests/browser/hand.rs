//! What a person does with a page: mouse, wheel, fingers and keys, as the system would report them.

use std::time::Duration;

use serde_json::json;

use crate::page::Page;

/// A place in the window, CSS pixels.
pub(crate) type Place = (f64, f64);

/// Name, and the code of Windows that browsers still tell.
const KEYS: [(&str, u32); 16] = [
    ("+", 187),
    ("=", 187),
    ("-", 189),
    ("0", 48),
    ("Tab", 9),
    ("Enter", 13),
    ("Escape", 27),
    (" ", 32),
    ("PageUp", 33),
    ("PageDown", 34),
    ("End", 35),
    ("Home", 36),
    ("ArrowLeft", 37),
    ("ArrowUp", 38),
    ("ArrowRight", 39),
    ("ArrowDown", 40),
];

/// Keys that are held down meanwhile.
pub(crate) const CTRL: u32 = 2;
pub(crate) const SHIFT: u32 = 8;

impl Page {
    /// Where an element is, at these parts of its width and height, once it stands still and nothing covers it.
    pub(crate) fn place(&mut self, element: &str, across: f64, down: f64) -> Place {
        let where_it_is = format!(
            "(async () => {{
                const element = $({element:?});
                if (!element || element.disabled) return null;
                element.scrollIntoView({{ block: 'center', inline: 'nearest', behavior: 'instant' }});
                const place = () => {{
                    const {{ left, top, width, height }} = element.getBoundingClientRect();
                    return [left + width * {across}, top + height * {down}];
                }};
                const [x, y] = place();
                await new Promise((later) => setTimeout(later, 30));
                const [laterX, laterY] = place();
                const hit = document.elementFromPoint(x, y);
                return x === laterX && y === laterY && hit && (element.contains(hit) || hit.contains(element) && hit.closest('label')) ? [x, y] : null;
            }})()"
        );
        let place = self.until(&format!("{element} can be reached"), &format!("await {where_it_is}"));
        (place[0].as_f64().unwrap(), place[1].as_f64().unwrap())
    }

    fn mouse(&mut self, kind: &str, (x, y): Place, clicks: u32, modifiers: u32) {
        let held = u32::from(kind != "mouseReleased" && clicks > 0);
        let button = if clicks > 0 { "left" } else { "none" };
        let event = json!({
            "type": kind, "x": x, "y": y, "button": button, "buttons": held, "clickCount": clicks, "modifiers": modifiers
        });
        self.call("Input.dispatchMouseEvent", &event);
    }

    /// Moves the mouse there.
    pub(crate) fn point_at(&mut self, place: Place) {
        self.mouse("mouseMoved", place, 0, 0);
    }

    /// Clicks at a place, so many times.
    pub(crate) fn click_at(&mut self, place: Place, times: u32) {
        self.point_at(place);
        for click in 1..=times {
            self.mouse("mousePressed", place, click, 0);
            self.mouse("mouseReleased", place, click, 0);
        }
    }

    /// Clicks an element in its middle.
    pub(crate) fn click(&mut self, element: &str) {
        let place = self.place(element, 0.5, 0.5);
        self.click_at(place, 1);
    }

    /// Presses the button on an element, does something, and releases it there.
    pub(crate) fn press_on(&mut self, element: &str, meanwhile: impl FnOnce(&mut Self)) {
        let place = self.place(element, 0.5, 0.5);
        self.point_at(place);
        self.mouse("mousePressed", place, 1, 0);
        meanwhile(self);
        self.mouse("mouseReleased", place, 1, 0);
    }

    /// Holds the button down from one place to another.
    pub(crate) fn drag(&mut self, from: Place, to: Place) {
        self.drag_with(from, to, 0);
    }

    /// The same with keys like [`SHIFT`] held down.
    pub(crate) fn drag_with(&mut self, from: Place, to: Place, modifiers: u32) {
        self.mouse("mouseMoved", from, 0, modifiers);
        self.mouse("mousePressed", from, 1, modifiers);
        for step in 1..=4 {
            let part = f64::from(step) / 4.0;
            let between = (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            self.mouse("mouseMoved", between, 1, modifiers);
        }
        self.mouse("mouseReleased", to, 1, modifiers);
    }

    /// Turns the wheel: down is positive, and so is to the right.
    pub(crate) fn wheel(&mut self, (x, y): Place, across: f64, down: f64, modifiers: u32) {
        let event = json!({"type": "mouseWheel", "x": x, "y": y, "deltaX": across, "deltaY": down, "modifiers": modifiers});
        self.call("Input.dispatchMouseEvent", &event);
    }

    /// Puts fingers down, moves each of them in a straight line, and lifts them.
    fn touch(&mut self, fingers: &[(Place, Place)]) {
        for step in 0..=6 {
            let part = f64::from(step) / 6.0;
            let at = |(n, (from, to)): (usize, &(Place, Place))| json!({"id": n, "x": from.0 + (to.0 - from.0) * part, "y": from.1});
            let points: Vec<_> = fingers.iter().enumerate().map(at).collect();
            let kind = if step == 0 { "touchStart" } else { "touchMove" };
            self.call("Input.dispatchTouchEvent", &json!({"type": kind, "touchPoints": points}));
        }
        self.call("Input.dispatchTouchEvent", &json!({"type": "touchEnd", "touchPoints": []}));
    }

    /// Moves two fingers apart by a factor.
    pub(crate) fn pinch(&mut self, (x, y): Place, apart: f64) {
        let finger = |side: f64| ((x + side * 40.0, y), (x + side * 40.0 * apart, y));
        self.touch(&[finger(-1.0), finger(1.0)]);
    }

    /// Moves one finger from one place to another.
    pub(crate) fn swipe(&mut self, from: Place, to: Place) {
        self.touch(&[(from, to)]);
    }

    /// Presses a key: `Tab`, `Shift+Tab`, `ArrowLeft`, `End`.
    pub(crate) fn press(&mut self, key: &str) {
        let (modifiers, key) = key.strip_prefix("Shift+").map_or((0, key), |key| (SHIFT, key));
        let (_, code) = KEYS.iter().find(|(name, _)| *name == key).unwrap();
        let name = if key == " " { "Space" } else { key };
        let text = match key {
            "Enter" => "\r",
            " " => " ",
            "+" => "+",
            _ => "",
        };
        let mut event = json!({"type": "rawKeyDown", "key": key, "code": name, "windowsVirtualKeyCode": code, "modifiers": modifiers});
        if !text.is_empty() {
            event["type"] = "keyDown".into();
            event["text"] = text.into();
        }
        self.call("Input.dispatchKeyEvent", &event);
        event["type"] = "keyUp".into();
        self.call("Input.dispatchKeyEvent", &event);
    }

    /// Types into a field, in place of what is in it, and leaves it.
    pub(crate) fn fill(&mut self, field: &str, text: &str) {
        self.until(&format!("{field} can be filled"), &format!("$({field:?}) && !$({field:?}).disabled && ($({field:?}).focus(), $({field:?}).select(), true)"));
        if text.is_empty() {
            self.eval("document.execCommand('delete')");
        } else {
            self.call("Input.insertText", &json!({"text": text}));
        }
        self.eval("document.activeElement.blur()");
    }

    /// Gives a field of date and time a value, as its picker does.
    pub(crate) fn pick(&mut self, field: &str, time: &str) {
        self.until(&format!("{field} is shown"), &format!("!!$({field:?})"));
        self.eval(&format!(
            "(() => {{ const field = $({field:?}); field.focus(); field.value = {time:?}; for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {{ bubbles: true }})); }})()"
        ));
    }

    /// Chooses one of a select's options by its value.
    pub(crate) fn choose(&mut self, select: &str, value: &str) {
        self.until(
            &format!("{select} has {value}"),
            &format!("[...($({select:?})?.options ?? [])].some((option) => option.value === {value:?})"),
        );
        self.eval(&format!(
            "(() => {{ const select = $({select:?}); select.value = {value:?}; for (const kind of ['input', 'change']) select.dispatchEvent(new Event(kind, {{ bubbles: true }})); }})()"
        ));
    }

    /// Lets the page do what it does for so long. Only for what must *not* happen.
    pub(crate) fn wait(&mut self, time: Duration) {
        std::thread::sleep(time);
    }
}
