-- +goose Up
-- How full the tables of a large archive are. Without figures SQLite takes any
-- index on ente, which a whole archive shares, for one that leads to ten rows.
analyze;
delete from sqlite_stat1;
insert into sqlite_stat1 (tbl, idx, stat) values
  ('pratiche', 'pratiche_id', '1000000 1'),
  ('pratiche', 'pratiche_codice', '1000000 1'),
  ('pratiche', 'pratiche_numero', '1000000 1000000 3 1 1'),
  ('pratiche', 'pratiche_scadenza', '100000 100000 300 1'),
  ('pratiche', 'pratiche_giorno', '1000000 1000000 1400 1'),
  ('pratiche', 'pratiche_struttura', '1000000 1000000 5000 8 1'),
  ('pratiche', 'pratiche_scatto', '100000 300'),
  ('atti', 'atti_pratica', '5000000 5 1'),
  ('allegati', 'allegati_pratica', '500000 2'),
  ('compiti', 'compiti', '200000 200000 2000 20 1'),
  ('compiti', 'compiti_pratica', '200000 2'),
  ('vede', 'vede', '3000000 3000000 30000 1 1'),
  ('vede', 'vede_n', '3000000 3');
