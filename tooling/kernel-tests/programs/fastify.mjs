// A server as fastify's guide has it. It knows nothing of any stack.
import Fastify from 'fastify';

const fastify = Fastify();
fastify.get('/', async () => ({ hello: 'world' }));
fastify.post('/sum', async (request) => ({ sum: request.body.numbers.reduce((a, b) => a + b, 0) }));
process.on('SIGTERM', () => fastify.close());
console.log('listening', new URL(await fastify.listen({ host: '0.0.0.0', port: 3000 })).port);
