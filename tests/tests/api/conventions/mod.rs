mod access_tokens;
mod bad_input;
mod cors;
mod headers;
mod lists;
mod problems;
mod rate_limits;
mod routing;

use doorward_tests::http::Client;

/// The client's access token must be of a session that is over.
pub(crate) async fn expect_revoked(client: &Client) {
    let answer = client.get("/users/me").await;
    answer.expect_problem(401, "token_revoked", "Could not validate credentials");
    assert_eq!(
        answer.header("www-authenticate"),
        Some("Bearer error=\"invalid_token\"")
    );
}
