-- Came with Doorward, whose `doorward_users` has one row per account.

-- A membership goes with the account.
create table members (
    user_id uuid primary key not null references doorward_users (id) on delete cascade,
    workspace_id integer not null references workspaces (id) on delete cascade
);

-- A note stays with the team.
alter table notes add column author_id uuid references doorward_users (id) on delete set null;

-- So that a deletion need not look through all notes.
create index notes_by_author on notes (author_id);
