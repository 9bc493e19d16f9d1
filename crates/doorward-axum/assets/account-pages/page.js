"use strict";

// Takes the token from the link's fragment, and sends it to the API when the form is sent.
(() => {
  const form = document.querySelector("form");
  const heading = document.querySelector("h1");
  const message = document.getElementById("message");
  const password = document.getElementById("new-password");
  const button = form.querySelector("button");
  const title = heading.textContent;
  let token = null;

  function say(kind, lines) {
    message.className = kind ? "message is-" + kind : "message";
    message.replaceChildren(...lines.map((line) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      return paragraph;
    }));
  }

  // The token is a key: it must not stay in the address bar, nor in the history.
  function begin() {
    const given = new URLSearchParams(location.hash.slice(1)).get("token");
    if (location.hash) {
      history.replaceState(null, "", location.pathname + location.search);
    }
    if (given) {
      token = given;
      heading.textContent = title;
      form.hidden = false;
      say("", []);
    } else if (!token) {
      form.hidden = true;
      say("error", ["This page works from the link in a mail alone. Open that link again, whole."]);
    }
  }

  function reasons(problem) {
    const detail = problem && problem.detail;
    if (Array.isArray(detail) && detail.length > 0) {
      return detail.map((fault) => String(fault.msg));
    }
    return [typeof detail === "string" ? detail : "Something went wrong. Try again in a moment."];
  }

  function succeed() {
    token = null;
    form.hidden = true;
    form.reset();
    heading.textContent = form.dataset.done;
    say("good", password
      ? ["Log in with the new password from now on. Wherever you were logged in, you are no longer."]
      : ["You can close this page."]);
    heading.focus();
  }

  function fail(status, problem) {
    const lines = reasons(problem);
    if (status === 400) {
      // Used, expired, or replaced by a newer one: it will not become good again.
      token = null;
      form.hidden = true;
      lines.push("Ask for a new mail where you log in, and use the link in the newest one.");
    }
    say("error", lines);
    if (password && !form.hidden) {
      password.setAttribute("aria-invalid", String(status === 422));
      password.focus();
    }
  }

  async function send() {
    const body = password ? { token, new_password: password.value } : { token };
    const response = await fetch(form.dataset.endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
    });
    const answer = await response.json().catch(() => null);
    if (response.ok) {
      succeed();
    } else {
      fail(response.status, answer);
    }
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) {
      return;
    }
    if (password && password.value === "") {
      fail(422, { detail: "Type a new password first." });
      return;
    }
    button.disabled = true;
    say("", []);
    try {
      await send();
    } catch {
      say("error", ["The server could not be reached. Try again in a moment."]);
    } finally {
      button.disabled = false;
    }
  });

  if (password) {
    password.addEventListener("input", () => password.removeAttribute("aria-invalid"));
    document.getElementById("show").addEventListener("change", (event) => {
      password.type = event.target.checked ? "text" : "password";
    });
  }
  // The link of a newer mail, opened in this tab, changes nothing but the fragment.
  window.addEventListener("hashchange", begin);
  begin();
})();
