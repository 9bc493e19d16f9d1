//! SQL texts that know their name and how many values they bind.

use std::borrow::Cow;

/// One SQL text, the same for every database.
///
/// Placeholders are `$1`, `$2`, …; the highest of them is counted when the statement
/// is made, because SQLite would silently bind a missing value as NULL.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    name: &'static str,
    sql: Cow<'static, str>,
    binds: usize,
}

impl Statement {
    /// A statement whose text is known at compile time, named for traces and metrics.
    pub(crate) const fn new(name: &'static str, sql: &'static str) -> Self {
        Self {
            name,
            sql: Cow::Borrowed(sql),
            binds: highest_placeholder(sql.as_bytes()),
        }
    }

    /// A statement put together from fixed pieces at run time; values still go by placeholder.
    pub(crate) fn composed(name: &'static str, sql: String) -> Self {
        let binds = highest_placeholder(sql.as_bytes());
        Self {
            name,
            sql: Cow::Owned(sql),
            binds,
        }
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn sql(&self) -> &str {
        &self.sql
    }

    pub(crate) const fn binds(&self) -> usize {
        self.binds
    }
}

const fn highest_placeholder(sql: &[u8]) -> usize {
    let mut highest = 0;
    let mut at = 0;
    while at < sql.len() {
        if sql[at] == b'$' {
            let (number, end) = read_number(sql, at + 1);
            if number > highest {
                highest = number;
            }
            at = end;
        } else {
            at += 1;
        }
    }
    highest
}

const fn read_number(sql: &[u8], start: usize) -> (usize, usize) {
    let mut number = 0;
    let mut at = start;
    while at < sql.len() && sql[at].is_ascii_digit() {
        number = number * 10 + (sql[at] - b'0') as usize;
        at += 1;
    }
    (number, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_the_highest_placeholder_and_not_the_placeholders() {
        for (sql, binds) in [
            ("select 1", 0),
            ("select $1", 1),
            ("select $2, $1, $2", 2),
            ("select $12 where x = $3", 12),
            ("select '$'", 0),
        ] {
            assert_eq!(Statement::new("test", sql).binds(), binds, "{sql}");
            assert_eq!(
                Statement::composed("test", sql.to_owned()).binds(),
                binds,
                "{sql}"
            );
        }
    }
}
