//! Date patterns as people write them (`DD/MM/YYYY`, `HH:mm`), as format strings of libraries.

/// A part of a pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Year4,
    Year2,
    MonthName,
    MonthShort,
    Month,
    Day,
    WeekdayName,
    Hour,
    Minute,
    Second,
}

impl Part {
    /// By its word; after an hour `MM` is minutes.
    fn of(word: &str, after_hour: bool) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "yyyy" | "aaaa" | "jjjj" | "year" => Self::Year4,
            "yy" | "aa" => Self::Year2,
            "mmmm" | "month" => Self::MonthName,
            "mmm" => Self::MonthShort,
            "mm" | "m" if after_hour => Self::Minute,
            "mm" | "m" => Self::Month,
            "dd" | "d" | "jj" | "tt" | "day" => Self::Day,
            "dddd" | "weekday" => Self::WeekdayName,
            "hh" | "h" => Self::Hour,
            "ss" | "s" => Self::Second,
            _ => return None,
        })
    }

    const fn strftime(self) -> &'static str {
        match self {
            Self::Year4 => "%Y",
            Self::Year2 => "%y",
            Self::MonthName => "%B",
            Self::MonthShort => "%b",
            Self::Month => "%m",
            Self::Day => "%d",
            Self::WeekdayName => "%A",
            Self::Hour => "%H",
            Self::Minute => "%M",
            Self::Second => "%S",
        }
    }

    const fn unicode(self) -> &'static str {
        match self {
            Self::Year4 => "yyyy",
            Self::Year2 => "yy",
            Self::MonthName => "MMMM",
            Self::MonthShort => "MMM",
            Self::Month => "MM",
            Self::Day => "dd",
            Self::WeekdayName => "EEEE",
            Self::Hour => "HH",
            Self::Minute => "mm",
            Self::Second => "ss",
        }
    }
}

/// For `strftime` and chrono: `%d/%m/%Y`.
#[must_use]
pub fn strftime(pattern: &str) -> String {
    rewrite(pattern, Part::strftime)
}

/// By Unicode TR 35, as date-fns and Luxon read it: `dd/MM/yyyy`.
#[must_use]
pub fn unicode(pattern: &str) -> String {
    rewrite(pattern, Part::unicode)
}

fn rewrite(pattern: &str, write: fn(Part) -> &'static str) -> String {
    let mut out = String::new();
    let mut after_hour = false;
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let word: usize = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (head, tail) = rest.split_at(word.max(c.len_utf8()));
        match Part::of(head, after_hour) {
            Some(p) => {
                out.push_str(write(p));
                after_hour = matches!(p, Part::Hour | Part::Minute);
            }
            None => out.push_str(head),
        }
        rest = tail;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{strftime, unicode};

    #[test]
    fn patterns_become_format_strings() {
        for (pattern, c, tr35) in [
            ("DD/MM/YYYY", "%d/%m/%Y", "dd/MM/yyyy"),
            ("yyyy-mm-dd", "%Y-%m-%d", "yyyy-MM-dd"),
            ("Month D, YYYY", "%B %d, %Y", "MMMM dd, yyyy"),
            ("HH:MM", "%H:%M", "HH:mm"),
            (
                "YYYY-MM-DD HH:mm:ss",
                "%Y-%m-%d %H:%M:%S",
                "yyyy-MM-dd HH:mm:ss",
            ),
            ("TT.MM.JJJJ", "%d.%m.%Y", "dd.MM.yyyy"),
        ] {
            assert_eq!(strftime(pattern), c);
            assert_eq!(unicode(pattern), tr35);
        }
    }
}
