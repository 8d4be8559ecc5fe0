//! Finds where a JSON value ends without building it, byte by byte and without a stack.

/// What a byte did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The value goes on.
    Inside,
    /// The value ends with this byte.
    Last,
    /// The value ended before this byte (a number or word, which nothing closes).
    Before,
    /// The value is broken, and this `{` starts another: JSON allows none here.
    Restart,
    /// The value is broken: a string has a bare line end.
    OpenString,
    /// This `[` opens the array `events` of an export.
    Wrapper,
}

/// The state between two bytes of a value.
#[derive(Debug, Clone)]
pub(super) struct Scanner {
    depth: usize,
    /// Which of the innermost 128 levels are objects, the innermost in the lowest bit.
    objects: u128,
    in_string: bool,
    escaped: bool,
    /// The last byte that is no white space, outside strings; a closing quote for a string.
    last: u8,
    /// How much of the key `events` has been seen, if the string is at the top level of the value.
    key: Option<usize>,
    /// Whether the last string at the top level was `events`.
    is_events: bool,
    started: bool,
}

const EVENTS: &[u8] = b"events";

impl Scanner {
    pub(super) fn new() -> Self {
        Self {
            depth: 0,
            objects: 0,
            in_string: false,
            escaped: false,
            last: 0,
            key: None,
            is_events: false,
            started: false,
        }
    }

    /// The state inside an object whose beginning was read elsewhere.
    pub(super) fn inside_object() -> Self {
        Self { depth: 1, objects: 1, last: b']', started: true, ..Self::new() }
    }

    pub(super) fn step(&mut self, byte: u8) -> Step {
        if self.in_string {
            return self.in_string(byte);
        }
        let step = match byte {
            b' ' | b'\t' | b'\r' | b'\n' => {
                return if self.depth == 0 && self.started { Step::Before } else { Step::Inside };
            }
            b'"' => {
                self.in_string = true;
                self.key = (self.depth == 1).then_some(0);
                Step::Inside
            }
            b'{' if self.started && !self.may_open() => return Step::Restart,
            b'{' | b'[' => {
                let wraps = byte == b'[' && self.depth == 1 && self.last == b':' && self.is_events;
                self.depth += 1;
                self.objects = self.objects << 1 | u128::from(byte == b'{');
                if wraps { Step::Wrapper } else { Step::Inside }
            }
            b'}' | b']' | b',' if self.depth == 0 => return Step::Before,
            b'}' | b']' => {
                self.depth -= 1;
                self.objects >>= 1;
                if self.depth == 0 { Step::Last } else { Step::Inside }
            }
            _ => Step::Inside,
        };
        self.started = true;
        self.last = byte;
        step
    }

    /// Whether JSON allows a value here.
    fn may_open(&self) -> bool {
        match (self.depth, self.objects & 1) {
            (0, _) => false,
            // Levels this deep are refused when the value is read; only their end matters.
            (129.., _) => true,
            (_, 1) => self.last == b':',
            _ => matches!(self.last, b'[' | b','),
        }
    }

    fn in_string(&mut self, byte: u8) -> Step {
        match byte {
            b'\n' => return Step::OpenString,
            _ if self.escaped => {
                self.escaped = false;
                self.key = None;
            }
            b'\\' => {
                self.escaped = true;
                self.key = None;
            }
            b'"' => {
                self.in_string = false;
                self.is_events = self.key == Some(EVENTS.len());
                self.key = None;
                self.last = b'"';
                if self.depth == 0 {
                    return Step::Last;
                }
            }
            _ => self.key = self.key.filter(|&seen| EVENTS.get(seen) == Some(&byte)).map(|seen| seen + 1),
        }
        Step::Inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str) -> Option<(usize, Step)> {
        let mut scanner = Scanner::new();
        text.bytes().map(|byte| scanner.step(byte)).enumerate().find(|(_, step)| *step != Step::Inside)
    }

    #[test]
    fn a_value_ends_where_it_closes() {
        assert_eq!(end(r#"{"a":"}\"{","b":[1,{}]}, 1"#), Some((22, Step::Last)));
        assert_eq!(end("12, 3"), Some((2, Step::Before)));
        assert_eq!(end(r#""a{" "#), Some((3, Step::Last)));
        assert_eq!(end(r#"{"a":{"b":1}"#), None);
    }

    #[test]
    fn a_brace_where_json_allows_none_starts_the_next_value() {
        assert_eq!(end(r#"{"a":{"b":1},{"c""#), Some((13, Step::Restart)));
        assert_eq!(end("{\"a\":1,\n{"), Some((8, Step::Restart)));
        assert_eq!(end("{\"a\":[1,{}]}"), Some((11, Step::Last)));
        assert_eq!(end("{\"a\":\"x\n"), Some((7, Step::OpenString)));
    }

    #[test]
    fn only_the_top_level_key_wraps() {
        assert_eq!(end(r#"{"n":3,"events" : [{"#), Some((18, Step::Wrapper)));
        assert_eq!(end(r#"{"x":{"events":[]}}"#), Some((18, Step::Last)));
        assert_eq!(end(r#"{"x":"events","y":[]}"#), Some((20, Step::Last)));
        assert_eq!(end(r#"{"events":{}}"#), Some((12, Step::Last)));
    }
}
