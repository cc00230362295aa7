// A client of PostgreSQL by pg: postgres.mjs HOST.
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';

const host = process.argv[2];
const pool = new pg.Pool({ host, user: 'postgres', database: 'postgres', max: 4 });
await pool.query('create table things (id serial primary key, name text, body bytea)');
await Promise.all(
  Array.from({ length: 500 }, (_, i) => pool.query('insert into things (name) values ($1)', [`n${i}`])),
);
console.log('rows', (await pool.query('select count(*)::int, max(length(name)) from things')).rows);
const body = randomFillSync(Buffer.alloc(1_000_000));
await pool.query('update things set body = $1 where id = 1', [body]);
console.log('large', (await pool.query('select body from things where id = 1')).rows[0].body.equals(body));
console.log('many', (await pool.query('select generate_series(1, 100000) as n')).rows.length);
const client = await pool.connect();
await client.query('listen news');
const heard = once(client, 'notification');
await pool.query("notify news, 'a message'");
const [{ channel, payload }] = await heard;
console.log('heard', channel, payload);
console.log(
  'error',
  await client.query('select nothing from nowhere').catch(({ code, message }) => `${code} ${message}`),
);
client.release();
await pool.query('drop table things');
await pool.end();
const nobody = new pg.Client({ host, port: 1, user: 'postgres' });
await nobody.connect().catch(({ code, syscall, port }) => console.log('refused', code, syscall, port));
