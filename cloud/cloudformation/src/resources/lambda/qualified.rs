//! Functions' names with a version or an alias.

/// Takes the version or alias off a function's name or ARN.
pub(super) fn qualified(name: &str) -> (String, Option<String>) {
    let parts: Vec<&str> = name.split(':').collect();
    let plain = match *parts.as_slice() {
        // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
        ["arn", _, _, _, _, _, _, qualifier] => Some(qualifier),
        // ACCOUNT:function:NAME[:QUALIFIER]
        [_, "function", _, qualifier] => Some(qualifier),
        [_, qualifier] => Some(qualifier),
        _ => None,
    };
    match plain {
        Some(qualifier) => (name[..name.len() - qualifier.len() - 1].to_owned(), Some(qualifier.to_owned())),
        None => (name.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, function: &str, qualifier: Option<&str>) {
        assert_eq!(qualified(name), (function.to_owned(), qualifier.map(str::to_owned)));
    }

    #[test]
    fn a_qualifier_is_taken_off_every_form_of_a_name() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
        check(arn, arn, None);
        check(&format!("{arn}:prod"), arn, Some("prod"));
        check("f", "f", None);
        check("f:prod", "f", Some("prod"));
        check("000000000000:function:f", "000000000000:function:f", None);
    }
}
