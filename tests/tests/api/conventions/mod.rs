mod access_tokens;
mod bad_input;
mod cors;
mod headers;
mod lists;
mod lockout;
mod problems;
mod rate_limits;
mod routing;
mod verified_email;

use doorward_tests::http::{Answer, Client};

/// The client's access token must be of a session that is over.
pub(crate) async fn expect_revoked(client: &Client) {
    let answer = client.get("/users/me").await;
    answer.expect_problem(401, "token_revoked", "Could not validate credentials");
    assert_eq!(
        answer.header("www-authenticate"),
        Some("Bearer error=\"invalid_token\"")
    );
}

/// The headers of an answer, less those that no two answers share.
pub(crate) fn lasting_headers(answer: &Answer) -> Vec<(String, String)> {
    let passing = ["x-request-id", "x-process-time"];
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .filter(|(name, _)| !passing.contains(&name.as_str()))
        .collect();
    headers.sort_unstable();
    headers
}
