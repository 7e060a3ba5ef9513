"""The same join by DuckDB: ASOF JOIN on when facts were known, over the same files. `features_duckdb.py FOLDER OUTPUT`, or `compare OURS THEIRS`."""
import sys

import duckdb

if sys.argv[1] == 'compare':
    ours, theirs = (f"read_parquet('{path}')" for path in sys.argv[2:])
    sql = f'SELECT (SELECT count(*) FROM {ours}), (SELECT count(*) FROM (FROM {ours} EXCEPT ALL FROM {theirs}))'
    print('{} {}'.format(*duckdb.execute(sql).fetchone()))
else:
    folder, output = sys.argv[1:]
    views, values = ['v1', 'v2', 'v3', 'v4'], 'abcde'
    fresh = ', '.join(f"CASE WHEN asked.time - {v}.event_at <= INTERVAL 5 DAY THEN {v}.{x} END AS {v}_{x}" for v in views for x in values)
    joins = ' '.join(
        f"ASOF LEFT JOIN read_parquet('{folder}/store/{v}/*/*.parquet') {v} ON asked.entity = {v}.entity AND asked.time >= {v}.known_at" for v in views)
    sql = f"SELECT asked.entity, asked.time, {fresh} FROM read_parquet('{folder}/asked.parquet') asked {joins}"
    duckdb.execute(f"COPY ({sql}) TO '{output}' (FORMAT parquet)")
