-- As it was before the app had accounts.

create table workspaces (
    id integer primary key,
    name text not null unique
);

create table notes (
    id integer primary key,
    workspace_id integer not null references workspaces (id) on delete cascade,
    text text not null
);

create index notes_by_workspace on notes (workspace_id, id);
