-- +goose Up
-- The searchable words of a case are HMAC tokens; FTS5 sees them as words of hex.
create virtual table indice using fts5(gettoni, content='', detail='none', columnsize=0, tokenize='ascii');
-- Words come in small lots all day: fewer and larger merges write less.
insert into indice (indice, rank) values ('automerge', 16);
