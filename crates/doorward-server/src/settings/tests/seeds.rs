//! The `.env` files of the systems that Doorward takes over from load as they are.

use std::time::Duration;

use doorward::DatabaseUrl;

use super::{Case, GOOD_KEY, shown};
use crate::settings::{Environment, MailDelivery};

/// System D, as its guide prints it.
const SYSTEM_D: &str = "\
# Application Configuration
APP_NAME=AIVerse Backend
APP_VERSION=0.5.0
DEBUG=True
ENVIRONMENT=development
# Server Configuration
API_V1_PREFIX=/api/v1
HOST=0.0.0.0
PORT=8000
# CORS Configuration
ALLOWED_ORIGINS=http://localhost:3000,http://localhost:8000
# Database Configuration
DATABASE_URL=postgresql+asyncpg://aiverse_user:aiverse_pass@localhost:5432/aiverse_db
DATABASE_ECHO=False
DB_POOL_SIZE=5
DB_MAX_OVERFLOW=10
# AI Configuration
OLLAMA_BASE_URL=http://localhost:11434
DEFAULT_AI_MODEL=llama2
# JWT Security Configuration
# Generate with: openssl rand -hex 32
SECRET_KEY=09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7
ALGORITHM=HS256
ACCESS_TOKEN_EXPIRE_MINUTES=30
REFRESH_TOKEN_EXPIRE_DAYS=7
# Password Reset
PASSWORD_RESET_TOKEN_EXPIRE_HOURS=1
EMAIL_VERIFICATION_TOKEN_EXPIRE_HOURS=24
# Email Configuration (optional)
SMTP_HOST=smtp.gmail.com
SMTP_PORT=587
SMTP_USER=
SMTP_PASSWORD=
EMAILS_FROM_EMAIL=noreply@aiverse.com
EMAILS_FROM_NAME=AIVerse
";

#[test]
fn system_d() {
    let settings = Case::new().file(".env", SYSTEM_D).load();
    assert_eq!(
        (settings.project_name.as_str(), settings.version.as_str()),
        ("AIVerse Backend", "0.5.0")
    );
    assert_eq!(settings.environment, Environment::Development);
    assert_eq!(
        (
            settings.api_prefix.as_str(),
            settings.host.as_str(),
            settings.port
        ),
        ("/api/v1", "0.0.0.0", 8000)
    );
    assert_eq!(
        settings.cors_origins,
        ["http://localhost:3000", "http://localhost:8000"]
    );
    assert_eq!(
        settings.database,
        "postgresql://aiverse_user:aiverse_pass@localhost:5432/aiverse_db"
            .parse()
            .unwrap()
    );
    assert!(!settings.database_echo);
    assert_eq!(settings.access_token_ttl, Duration::from_secs(30 * 60));
    assert_eq!(shown(&settings, "DB_POOL_SIZE"), "5 from .env line 15");
    assert!(settings.warnings[0].starts_with("SECRET_KEY is a well-known sample key"));
    assert_eq!(settings.mail_delivery(), MailDelivery::Kept);
    assert!(
        settings.warnings[1].starts_with(
            "SMTP_USER is empty, so that nothing is sent through SMTP_HOST smtp.gmail.com yet"
        ),
        "{:?}",
        settings.warnings
    );
    assert!(settings.warnings[2].starts_with("HOST 0.0.0.0 lets others reach a server"));
    assert_eq!(settings.emails_from_name.as_deref(), Some("AIVerse"));
    assert_eq!(settings.password_reset_ttl, Duration::from_secs(60 * 60));
    assert_eq!(
        settings.email_verification_ttl,
        Duration::from_secs(24 * 60 * 60)
    );
}

#[test]
fn system_d_in_production_must_change_its_key() {
    let text = SYSTEM_D.replace("ENVIRONMENT=development", "ENVIRONMENT=production");
    let refusal = Case::new().file(".env", &text).refusal();
    assert!(
        refusal.starts_with("SECRET_KEY (.env line 22): is a well-known sample key"),
        "{refusal}"
    );
    let sample = "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7";
    let refusal = Case::new()
        .file(".env", &text.replace(sample, GOOD_KEY))
        .refusal();
    // What says nothing in development is a mistake here.
    assert!(
        refusal.starts_with("SMTP_USER: is missing, and mail servers"),
        "{refusal}"
    );
    let text = text
        .replace(sample, GOOD_KEY)
        .replace("SMTP_USER=", "SMTP_USER=someone")
        .replace(
            "SMTP_PASSWORD=",
            "SMTP_PASSWORD=hush\nPUBLIC_URL=https://api.aiverse.example",
        );
    let settings = Case::new().file(".env", &text).load();
    assert_eq!(settings.environment, Environment::Production);
    assert_eq!(settings.mail_delivery(), MailDelivery::Smtp);
}

/// System C: every variable of its table with its default, and the origins as its guide writes them.
const SYSTEM_C: &str = r#"
PROJECT_NAME=FastAPI JWT Auth
VERSION=1.0.0
API_V1_STR=/api/v1
SECRET_KEY=your_generated_key_here
ALGORITHM=HS256
ACCESS_TOKEN_EXPIRE_MINUTES=30
REFRESH_TOKEN_EXPIRE_DAYS=7
DATABASE_URL=sqlite:///./app.db
BACKEND_CORS_ORIGINS=["http://localhost:3000","http://localhost:8000"]
FIRST_SUPERUSER_EMAIL=admin@example.com
FIRST_SUPERUSER_PASSWORD=changethis
FIRST_SUPERUSER_FULL_NAME=Admin User
"#;

#[test]
fn system_c_with_a_key_of_its_own() {
    let text = SYSTEM_C.replace("your_generated_key_here", GOOD_KEY);
    let case = Case::new().file(".env", &text);
    let settings = case.load();
    assert_eq!(settings.project_name, "FastAPI JWT Auth");
    assert_eq!(settings.environment, Environment::Production);
    assert_eq!(
        settings.database,
        DatabaseUrl::sqlite(case.folder.path().join("app.db"))
    );
    assert_eq!(
        settings.cors_origins,
        ["http://localhost:3000", "http://localhost:8000"]
    );
    assert_eq!(settings.first_superuser_full_name, "Admin User");
    assert_eq!(
        settings.first_superuser_password.as_ref().unwrap().expose(),
        "changethis"
    );
    assert_eq!(
        settings.warnings,
        [
            "SMTP_HOST is not set: there is no mail, so nobody can reset a password or verify an address"
        ]
    );
}

#[test]
fn system_c_as_its_guide_prints_it_needs_a_key_or_development() {
    let refusal = Case::new().file(".env", SYSTEM_C).refusal();
    assert!(
        refusal.starts_with("SECRET_KEY (.env line 5): is a well-known sample key"),
        "{refusal}"
    );
    let development = Case::new()
        .file(".env", SYSTEM_C)
        .variable("ENVIRONMENT", "development")
        .load();
    assert_eq!(
        development.secret_key.unwrap().expose(),
        "your_generated_key_here"
    );
}
