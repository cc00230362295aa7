// A broker by aedes, as its guide has it.
import { createServer } from 'node:net';
import { Aedes } from 'aedes';

const broker = await Aedes.createBroker();
const server = createServer(broker.handle);
server.listen(1883, '0.0.0.0', () => console.log('listening', server.address().port));
process.on('SIGTERM', () => broker.close(() => server.close()));
