//! What a token must say to be taken.

use super::trust::{Audience, Invalid, Required, Trusted};
use serde_json::{Map, Value};

/// The claims of a token.
pub type Claims = Map<String, Value>;

/// "API Gateway evaluates the following token claims": `aud` or `client_id`, `exp`, `nbf`, `iat`; whose rules these are is told by
/// `iss`. `now` is in seconds since 1970.
///
/// # Errors
/// The first that is not as it must be.
pub fn check(claims: &Claims, trusted: &Trusted, now: i64) -> Result<(), Invalid> {
    let invalid = |what: &str| Err(Invalid(what.to_owned()));
    if !is_for(claims, &trusted.audience) {
        return invalid("the token does not have a valid audience");
    }
    match moment(claims, "exp")? {
        Some(expiry) if expiry > now as f64 => {}
        Some(_) => return Err(Invalid::expired()),
        None => return invalid("the token does not have an expiry"),
    }
    if moment(claims, "nbf")?.is_some_and(|begin| begin > now as f64) {
        return invalid("the token is not yet valid");
    }
    if moment(claims, "iat")?.is_some_and(|issued| issued > now as f64) {
        return invalid("the token was issued in the future");
    }
    let lacking = trusted.required.iter().find(|required| !satisfied(claims, required));
    lacking.map_or(Ok(()), |required| Err(Invalid(format!("the token does not have a valid claim {}", required.name))))
}

fn is_for(claims: &Claims, audience: &Audience) -> bool {
    let among = |wanted: &[String], said: &str| wanted.iter().any(|one| one == said);
    let wanted = match audience {
        Audience::Any => return true,
        Audience::AudOrClient(wanted) => wanted,
    };
    match claims.get("aud") {
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).any(|one| among(wanted, one)),
        Some(Value::String(one)) => among(wanted, one),
        Some(_) => false,
        None => claims.get("client_id").and_then(Value::as_str).is_some_and(|client| among(wanted, client)),
    }
}

fn satisfied(claims: &Claims, required: &Required) -> bool {
    match claims.get(&required.name) {
        None => !required.is_required,
        Some(Value::String(said)) => required.values.is_empty() || required.values.contains(said),
        Some(_) => false,
    }
}

fn moment(claims: &Claims, name: &str) -> Result<Option<f64>, Invalid> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or_else(|| Invalid(format!("the claim {name} is no number"))),
    }
}

/// The scopes of a token: `scope`, words apart by blanks, or `scp`, which may be a list, too.
pub fn scopes(claims: &Claims) -> Vec<String> {
    match claims.get("scope").or_else(|| claims.get("scp")) {
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(Value::Array(several)) => several.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_000;

    fn said(changes: Value) -> String {
        let mut claims = json!({"aud": "a", "sub": "s", "exp": 2000, "nbf": 500, "iat": 500});
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        let trusted = Trusted {
            issuer: "https://i".to_owned(),
            audience: Audience::AudOrClient(vec!["a".to_owned(), "b".to_owned()]),
            required: vec![
                Required { name: "tenant".to_owned(), is_required: false, values: vec!["t".to_owned()] },
                Required { name: "sub".to_owned(), is_required: true, values: Vec::new() },
            ],
        };
        let checked = check(claims.as_object().unwrap(), &trusted, NOW);
        checked.map_or_else(|Invalid(said)| said, |()| "fine".to_owned())
    }

    /// "Authorizing API requests" of the page on JWT authorizers.
    #[test]
    fn each_claim_is_looked_at() {
        for (changes, expected) in [
            (json!({}), "fine"),
            (json!({"aud": "c"}), "the token does not have a valid audience"),
            (json!({"aud": ["c", "b"]}), "fine"),
            (json!({"aud": []}), "the token does not have a valid audience"),
            (json!({"aud": null, "client_id": "b"}), "fine"),
            (json!({"aud": null}), "the token does not have a valid audience"),
            (json!({"aud": "c", "client_id": "a"}), "the token does not have a valid audience"),
            (json!({"aud": 1, "client_id": "a"}), "the token does not have a valid audience"),
            (json!({"exp": 1000}), "the token has expired"),
            (json!({"exp": 1001.5}), "fine"),
            (json!({"exp": null}), "the token does not have an expiry"),
            (json!({"exp": "2000"}), "the claim exp is no number"),
            (json!({"nbf": 1001}), "the token is not yet valid"),
            (json!({"nbf": 1000}), "fine"),
            (json!({"nbf": null, "iat": null}), "fine"),
            (json!({"iat": 1001}), "the token was issued in the future"),
            (json!({"tenant": "t"}), "fine"),
            (json!({"tenant": "T"}), "the token does not have a valid claim tenant"),
            (json!({"tenant": ["t"]}), "the token does not have a valid claim tenant"),
            (json!({"sub": null}), "the token does not have a valid claim sub"),
        ] {
            assert_eq!(said(changes.clone()), expected, "{changes}");
        }
    }

    #[test]
    fn scopes_are_words_or_a_list() {
        for (claims, expected) in [
            (json!({"scope": "a b  c"}), vec!["a", "b", "c"]),
            (json!({"scp": ["a", "b"]}), vec!["a", "b"]),
            (json!({"scp": "a b"}), vec!["a", "b"]),
            (json!({"scope": ""}), vec![]),
            (json!({}), vec![]),
        ] {
            assert_eq!(scopes(claims.as_object().unwrap()), expected, "{claims}");
        }
    }
}
