// HTTP/2, with and without TLS.
import { once } from 'node:events';
import http2 from 'node:http2';
import certificates from './certificate.cjs';

const { key, cert } = certificates.makeCertificate();

async function hello(server, scheme) {
  server.on('stream', (stream) => {
    stream.respond({ ':status': 200 });
    stream.end(`hello ${stream.session.socket.remoteAddress}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = http2.connect(`${scheme}://127.0.0.1:${server.address().port}`, { ca: cert });
  const stream = session.request({ ':path': '/' });
  let text = '';
  for await (const part of stream.setEncoding('utf8')) text += part;
  console.log(scheme, session.alpnProtocol, text);
  session.close();
  server.close();
  await once(server, 'close');
}

await hello(http2.createServer(), 'http');
await hello(http2.createSecureServer({ key, cert }), 'https');
