-- One text for SQLite and PostgreSQL. Column types are uuid, text, bigint and bytea only. Times
-- are Unix milliseconds; a nullable time says both whether and when.

create table doorward_users (
    id uuid primary key not null,
    email text,
    email_canonical text,
    username text,
    username_canonical text,
    full_name text,
    -- The canonical names and the full name in lower case, one a line. Searches read it.
    search_text text not null,
    verified_at bigint,
    deactivated_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    last_login_at bigint,
    -- A counter. A session of an earlier epoch has ended.
    session_epoch bigint not null default 0,
    -- When the counter was last incremented. Null once the sessions of earlier epochs are purged.
    sessions_ended_at bigint,
    constraint doorward_users_email unique (email_canonical),
    constraint doorward_users_username unique (username_canonical)
);

create index doorward_users_by_ended_sessions on doorward_users (sessions_ended_at)
    where sessions_ended_at is not null;

create table doorward_passwords (
    user_id uuid primary key not null references doorward_users (id) on delete cascade,
    hash text not null,
    changed_at bigint not null
);

create table doorward_roles (
    name text not null,
    rank bigint not null,
    description text not null,
    created_at bigint not null,
    updated_at bigint not null,
    constraint doorward_roles_name primary key (name)
);

create table doorward_role_permissions (
    role_name text not null references doorward_roles (name) on delete cascade,
    permission text not null,
    primary key (role_name, permission)
);

create table doorward_user_roles (
    user_id uuid not null references doorward_users (id) on delete cascade,
    role_name text not null references doorward_roles (name),
    granted_at bigint not null,
    primary key (user_id, role_name)
);

create index doorward_user_roles_by_role on doorward_user_roles (role_name, user_id);

-- A session is one login on one device.
create table doorward_sessions (
    id uuid primary key not null,
    user_id uuid not null references doorward_users (id) on delete cascade,
    -- The account's session_epoch at login.
    epoch bigint not null,
    created_at bigint not null,
    -- The time of the last proof.
    authenticated_at bigint not null,
    -- The kinds and times of the proofs: `password=1750000000000`.
    proofs text not null,
    -- The absolute end. A refresh does not move it.
    ends_at bigint not null,
    revoked_at bigint,
    ip text,
    user_agent text
);

create index doorward_sessions_by_user on doorward_sessions (user_id, id);
-- The live sessions of an account, and those of earlier epochs, which a purge deletes.
create index doorward_sessions_by_epoch on doorward_sessions (user_id, epoch, id)
    where revoked_at is null;
-- Ended sessions, for the purge. Live sessions are not in it.
create index doorward_sessions_by_end on doorward_sessions (revoked_at)
    where revoked_at is not null;

-- A token family is one chain of refresh tokens for one client in a session. The family of the
-- first party has the id of its session.
create table doorward_token_families (
    id uuid primary key not null,
    session_id uuid not null references doorward_sessions (id) on delete cascade,
    client_id uuid,
    scope text,
    -- The proofs at the time of the grant, for other clients.
    proofs text,
    -- The live refresh token, and the one that it replaced.
    current_jti uuid not null,
    previous_jti uuid,
    rotated_at bigint not null,
    expires_at bigint not null,
    -- The day of expires_at, counted from 1970. A refresh changes no indexed column but this
    -- one, once a day, so that PostgreSQL updates the row in place (HOT).
    expires_day bigint not null,
    revoked_at bigint
);

create index doorward_token_families_by_session on doorward_token_families (session_id);
create index doorward_token_families_by_expiry on doorward_token_families (expires_day);

create table doorward_audit_events (
    id uuid primary key not null,
    occurred_at bigint not null,
    action text not null,
    outcome text not null,
    reason text,
    actor text not null,
    actor_id uuid,
    target_id uuid,
    role_name text,
    session_id uuid,
    request_id text,
    ip text,
    user_agent text
);

create index doorward_audit_events_by_actor on doorward_audit_events (actor_id, id);
create index doorward_audit_events_by_target on doorward_audit_events (target_id, id);
create index doorward_audit_events_by_action on doorward_audit_events (action, id);

-- Single-use tokens, as hashes: the rows are of no use to a reader of this table.
create table doorward_one_time_tokens (
    token_hash bytea primary key not null,
    user_id uuid not null references doorward_users (id) on delete cascade,
    purpose text not null,
    -- The address that the token was mailed to, and so proves.
    email text not null,
    created_at bigint not null,
    expires_at bigint not null
);

create index doorward_one_time_tokens_by_user on doorward_one_time_tokens (user_id, purpose);
create index doorward_one_time_tokens_by_expiry on doorward_one_time_tokens (expires_at);

-- Durable jobs: mail, and requests that are answered before they are carried out. A job that is
-- done is deleted.
create table doorward_jobs (
    id uuid primary key not null,
    queue text not null,
    kind text not null,
    -- At most one waiting job has this key.
    dedupe_key text,
    user_id uuid references doorward_users (id) on delete cascade,
    -- The payload, encrypted: it may hold a live token.
    sealed bytea not null,
    created_at bigint not null,
    -- When the job is of no more use.
    expires_at bigint not null,
    -- When to carry it out; for a claimed job, when the claim ends. Null for a dead job.
    due_at bigint,
    attempts bigint not null,
    claim uuid,
    dead_at bigint,
    failure text,
    constraint doorward_jobs_dedupe_key unique (dedupe_key)
);

create index doorward_jobs_by_due on doorward_jobs (queue, due_at, id);
create index doorward_jobs_by_user on doorward_jobs (user_id);
create index doorward_jobs_by_end on doorward_jobs (dead_at) where dead_at is not null;

-- Random keys that encrypt or fingerprint stored data, encrypted under a key derived from the
-- secret key. The active key of a purpose is the one for new data. Retired keys are kept, because
-- stored data names them.
create table doorward_keys (
    id uuid primary key not null,
    purpose text not null,
    state text not null,
    sealed bytea not null,
    created_at bigint not null
);

create unique index doorward_keys_active on doorward_keys (purpose) where state = 'active';

-- Failed logins in a row. The subject is a keyed hash: of an account, of an account as seen
-- from a network that it knows, or of a name that no account has.
create table doorward_login_failures (
    subject bytea primary key not null,
    user_id uuid references doorward_users (id) on delete cascade,
    failures bigint not null,
    last_failed_at bigint not null,
    locked_until bigint not null
);

create index doorward_login_failures_by_user on doorward_login_failures (user_id);
create index doorward_login_failures_by_age on doorward_login_failures (last_failed_at);

-- The networks and devices that an account was used from, as keyed hashes.
create table doorward_known_origins (
    user_id uuid not null references doorward_users (id) on delete cascade,
    -- The key of the hash, in doorward_keys. Hashes under different keys cannot be compared.
    key_id uuid not null,
    origin bytea not null,
    first_seen_at bigint not null,
    last_seen_at bigint not null,
    primary key (user_id, key_id, origin)
);

create index doorward_known_origins_by_age on doorward_known_origins (last_seen_at);

-- Deleted accounts whose traces in the audit trail are still to be erased.
create table doorward_erasures (
    user_id uuid primary key not null,
    requested_at bigint not null,
    -- When to look for traces, the first time or once more.
    due_at bigint not null
);

create index doorward_erasures_by_due on doorward_erasures (due_at);

-- A mark for each write in an application's own transaction that is not complete. It refers to
-- a row that never exists, so that the transaction cannot be committed before the mark is deleted.
create table doorward_unfinished (
    id uuid primary key not null,
    awaits uuid not null,
    constraint doorward_half_written foreign key (awaits)
        references doorward_unfinished (id) deferrable initially deferred
);

-- The built-in roles are rows so that grants can refer to them. Their permissions are part of
-- the release, not of the data.
insert into doorward_roles (name, rank, description, created_at, updated_at) values
    ('admin', 400, 'Full access to all resources', 0, 0),
    ('moderator', 300, 'May view all users', 0, 0),
    ('user', 200, 'Manages the own account', 0, 0),
    ('guest', 100, 'Manages the own account, and stands below users', 0, 0);
