-- +goose Up
create table indice (
  n bigint primary key,
  gettoni bigint[] not null
);
create index indice_gettoni on indice using gin (gettoni) with (fastupdate = on);
