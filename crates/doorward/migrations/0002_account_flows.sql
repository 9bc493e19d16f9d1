-- A token that is good for one thing, once. Its text is nowhere: whoever reads this table
-- can't use it.
create table doorward_one_time_tokens (
    token_hash bytea primary key not null,
    user_id uuid not null references doorward_users (id) on delete cascade,
    purpose text not null,
    -- The address that it was mailed to, and so proves.
    email text not null,
    created_at bigint not null,
    expires_at bigint not null
);

create index doorward_one_time_tokens_by_user on doorward_one_time_tokens (user_id, purpose);
create index doorward_one_time_tokens_by_expiry on doorward_one_time_tokens (expires_at);

-- Mails on their way. One that was sent is deleted.
create table doorward_outbox (
    id uuid primary key not null,
    user_id uuid references doorward_users (id) on delete cascade,
    kind text not null,
    -- To whom and what, encrypted: it may hold a live token.
    sealed bytea not null,
    created_at bigint not null,
    -- When it is of no more use to anybody.
    expires_at bigint not null,
    attempts bigint not null,
    -- When it is to be tried; while it is being tried, when others may conclude that
    -- whoever does is gone. Null where it was given up.
    due_at bigint,
    claim uuid,
    dead_at bigint,
    failure text
);

create index doorward_outbox_by_due on doorward_outbox (due_at);
create index doorward_outbox_by_user on doorward_outbox (user_id);
create index doorward_outbox_by_end on doorward_outbox (dead_at) where dead_at is not null;

-- Requests that are answered before they are carried out, so that neither the answer nor
-- its time can tell what they came to. A row lives for milliseconds.
create table doorward_deferred (
    id uuid primary key not null,
    sealed bytea not null,
    created_at bigint not null
);

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
    origin bytea not null,
    first_seen_at bigint not null,
    last_seen_at bigint not null,
    primary key (user_id, origin)
);

create index doorward_known_origins_by_age on doorward_known_origins (last_seen_at);

-- Deleted accounts whose traces in the audit trail are still to be wiped out.
create table doorward_erasures (
    user_id uuid primary key not null,
    requested_at bigint not null,
    -- When to look for traces, the first time or once more.
    due_at bigint not null
);

create index doorward_erasures_by_due on doorward_erasures (due_at);

-- What ended is found by its end to be deleted; what is live is not in it, and costs nothing.
create index doorward_sessions_by_end on doorward_sessions (revoked_at)
    where revoked_at is not null;
