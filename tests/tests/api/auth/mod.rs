mod login;
mod login_form;
mod logout;
mod me;
mod password_change;
mod refresh;
mod register;
mod sessions;
