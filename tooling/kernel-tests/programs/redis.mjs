// A client of Redis by ioredis: redis.mjs HOST.
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { Redis } from 'ioredis';

const host = process.argv[2];
const redis = new Redis({ host });
console.log('ping', await redis.ping());
console.log('set', await redis.set('name', 'value'), await redis.get('name'));
const pipeline = redis.pipeline();
for (let i = 0; i < 1000; i++) pipeline.incr('counter');
console.log('pipeline', (await pipeline.exec()).at(-1));
const large = randomFillSync(Buffer.alloc(3_000_000));
await redis.set('large', large);
console.log('large', (await redis.getBuffer('large')).equals(large));
const listener = new Redis({ host });
await listener.subscribe('news');
const heard = once(listener, 'message');
await redis.publish('news', 'a message');
console.log('heard', ...(await heard));
console.log('error', await redis.lpush('name', 1).catch((error) => error.message));
await redis.del('name', 'counter', 'large');
await listener.quit();
console.log('quit', await redis.quit());
const nobody = new Redis({ host, port: 1, retryStrategy: () => null, lazyConnect: true });
nobody.on('error', ({ code, syscall, port }) => console.log('refused', code, syscall, port));
await nobody.connect().catch(({ message }) => console.log('closed', message));
