-- What is being written in an application's own transaction. A mark refers to a row that never
-- is, so that its transaction can't be committed before the mark is taken away again: whoever
-- gives up half-way can't keep the half. Nobody ever sees a row of this table.
create table doorward_unfinished (
    id uuid primary key not null,
    awaits uuid not null,
    constraint doorward_half_written foreign key (awaits)
        references doorward_unfinished (id) deferrable initially deferred
);
