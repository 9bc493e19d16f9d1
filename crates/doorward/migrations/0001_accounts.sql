-- Column types are uuid, text, bigint and bytea alone, times are Unix milliseconds,
-- and a nullable time says both whether and when: one text for SQLite and PostgreSQL.

create table doorward_users (
    id uuid primary key not null,
    email text,
    email_canonical text,
    username text,
    username_canonical text,
    full_name text,
    -- The canonical forms, the address and the name in lower case, a line each: what a
    -- search looks at.
    search_text text not null,
    verified_at bigint,
    deactivated_at bigint,
    created_at bigint not null,
    updated_at bigint not null,
    last_login_at bigint,
    constraint doorward_users_email unique (email_canonical),
    constraint doorward_users_username unique (username_canonical)
);

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

create table doorward_sessions (
    id uuid primary key not null,
    user_id uuid not null references doorward_users (id) on delete cascade,
    created_at bigint not null,
    -- When a password (or another factor) was last shown in this session.
    authenticated_at bigint not null,
    last_used_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint,
    -- The refresh token that is live, and the one that it replaced.
    refresh_jti uuid not null,
    previous_jti uuid,
    rotated_at bigint not null,
    ip text,
    user_agent text
);

create index doorward_sessions_by_user on doorward_sessions (user_id, id);
create index doorward_sessions_by_expiry on doorward_sessions (expires_at);

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

-- The built-in roles stand here so that grants can refer to them; what they permit is
-- part of the release, not of the data.
insert into doorward_roles (name, rank, description, created_at, updated_at) values
    ('admin', 400, 'Full access to all resources', 0, 0),
    ('moderator', 300, 'May view all users', 0, 0),
    ('user', 200, 'Manages the own account', 0, 0),
    ('guest', 100, 'Manages the own account, and stands below users', 0, 0);
