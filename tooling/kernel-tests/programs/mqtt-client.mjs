// A client by mqtt: mqtt-client.mjs HOST.
import mqtt from 'mqtt';

const client = await mqtt.connectAsync(`mqtt://${process.argv[2]}:1883`, { reconnectPeriod: 0 });
await client.subscribeAsync('news/#', { qos: 2 });
const heard = [];
const all = new Promise((resolve) => {
  client.on('message', (topic, payload, { qos }) => {
    heard.push(`${topic} ${payload.length} ${qos}`);
    if (heard.length === 4) resolve();
  });
});
for (const qos of [0, 1, 2]) await client.publishAsync(`news/${qos}`, 'x'.repeat(10 + qos), { qos });
await client.publishAsync('news/large', Buffer.alloc(500_000, 7), { qos: 1 });
await all;
console.log(heard.sort().join(', '));
await client.endAsync();
console.log('ended');
