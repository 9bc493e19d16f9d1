"""A Python service's view of a running Doorward: requests, httpx and PyJWT.

Usage: client_walk.py BASE_URL SECRET_KEY, where BASE_URL ends in the API's prefix.
Ends with code 0 when everything was as documented.
"""

import sys

import httpx
import jwt
import requests

BASE, SECRET_KEY = sys.argv[1:]
EMAIL, PASSWORD = "python@example.com", "a password of the Python walk"


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def expect(response, status):
    assert response.status_code == status, (response.request.url, response.status_code, response.text)
    return response.json() if response.content else None


def register():
    body = {"email": EMAIL, "password": PASSWORD, "full_name": "Ada Łovelace"}
    user = expect(requests.post(f"{BASE}/auth/register", json=body), 201)
    assert user["full_name"] == "Ada Łovelace", user
    again = requests.post(f"{BASE}/auth/register", json=body)
    assert expect(again, 409)["detail"] == "Email already registered"
    return user


def log_in():
    credentials = {"username": EMAIL, "password": PASSWORD}
    by_json = expect(requests.post(f"{BASE}/auth/login", json=credentials), 200)
    by_form = expect(requests.post(f"{BASE}/auth/login", data=credentials), 200)
    with httpx.Client(base_url=BASE) as client:
        by_httpx = expect(client.post("/auth/login/form", data=credentials), 200)
    for tokens in (by_json, by_form, by_httpx):
        assert tokens["token_type"] == "bearer", tokens
        assert tokens["expires_in"] == 1800, tokens
    wrong = requests.post(f"{BASE}/auth/login", data={**credentials, "password": "wrong"})
    assert expect(wrong, 401)["detail"] == "Incorrect username or password"
    return by_httpx


def read_claims(tokens, user):
    """What another service does that has the same key."""
    claims = jwt.decode(tokens["access_token"], SECRET_KEY, algorithms=["HS256"])
    assert claims["type"] == "access", claims
    assert claims["sub"] == user["id"], claims
    assert claims["role"] == "user" and claims["roles"] == ["user"], claims
    assert claims["exp"] - claims["iat"] == 1800, claims
    assert claims["nbf"] <= claims["iat"] and claims["iss"], claims
    assert claims["sid"] and claims["jti"], claims
    assert jwt.get_unverified_header(tokens["access_token"])["alg"] == "HS256"
    return claims


def refuse_refresh_token_as_access_token(tokens):
    """A refresh token is under a key of its own: nobody takes it for an access token."""
    claims = jwt.decode(tokens["refresh_token"], options={"verify_signature": False})
    assert claims["type"] == "refresh", claims
    try:
        jwt.decode(tokens["refresh_token"], SECRET_KEY, algorithms=["HS256"])
    except jwt.InvalidSignatureError:
        return
    raise AssertionError("the refresh token verifies with SECRET_KEY")


def refuse_forged_tokens(claims):
    """Whoever has the key can sign, but opens no session by it."""
    for forged in (
        jwt.encode({**claims, "sid": "01890000-0000-7000-8000-000000000000"}, SECRET_KEY, "HS256"),
        jwt.encode(claims, "another key that is long enough to be one", "HS256"),
        jwt.encode(claims, SECRET_KEY, "HS512"),
        jwt.encode(claims, None, "none"),
        jwt.encode({**claims, "type": "refresh"}, SECRET_KEY, "HS256"),
        jwt.encode({**claims, "exp": claims["iat"] - 1}, SECRET_KEY, "HS256"),
    ):
        expect(requests.get(f"{BASE}/users/me", headers=bearer(forged)), 401)


def refresh(tokens):
    with httpx.Client(base_url=BASE) as client:
        body = {"refresh_token": tokens["refresh_token"]}
        renewed = expect(client.post("/auth/refresh", json=body), 200)
        assert renewed["refresh_token"] != tokens["refresh_token"]
        me = client.get("/users/me", headers=bearer(renewed["access_token"]))
        assert expect(me, 200)["email"] == EMAIL
    return renewed


def log_out(tokens):
    with requests.Session() as session:
        session.headers.update(bearer(tokens["access_token"]))
        assert expect(session.post(f"{BASE}/auth/logout"), 200)["success"] is True
        refused = session.get(f"{BASE}/auth/me")
        assert refused.headers["WWW-Authenticate"].startswith("Bearer"), refused.headers
        assert expect(refused, 401)["detail"] == "Could not validate credentials"
    body = {"refresh_token": tokens["refresh_token"]}
    expect(requests.post(f"{BASE}/auth/refresh", json=body), 401)


def refuse_a_large_body():
    """requests sends everything before it reads: the answer must still arrive."""
    body = {"email": EMAIL, "password": "x" * 5_000_000}
    refused = requests.post(f"{BASE}/auth/login", json=body)
    assert expect(refused, 413)["status"] == 413
    expect(httpx.post(f"{BASE}/auth/login", json=body), 413)


def main():
    user = register()
    tokens = log_in()
    me = requests.get(f"{BASE}/auth/me", headers=bearer(tokens["access_token"]))
    assert expect(me, 200)["id"] == user["id"]
    claims = read_claims(tokens, user)
    refuse_refresh_token_as_access_token(tokens)
    refuse_forged_tokens(claims)
    tokens = refresh(tokens)
    log_out(tokens)
    refuse_a_large_body()
    print("everything was as documented")


main()
