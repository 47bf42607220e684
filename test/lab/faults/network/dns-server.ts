import { createSocket } from 'node:dgram';

/**
 * A name server that knows nothing: `node dns-server.js <address> <timeout|nxdomain|servfail> <lab directory>` listens on UDP port 53
 * of that address. The lab directory is only there to be found on the command line.
 */
const [, , address = '', mode = ''] = process.argv;

/** QR, RD and RA, with the code of the answer (RFC 1035, 4.1.1). */
const FLAGS: Readonly<Record<string, number>> = { nxdomain: 0x8183, servfail: 0x8182 };

const socket = createSocket('udp4');
socket.on('message', (query, client) => {
  const flags = FLAGS[mode];
  if (flags === undefined || query.length < 12) return;
  // The question goes back as it came; what an extension put behind it does not.
  let end = 12;
  while (end < query.length && query[end] !== 0) end += 1 + (query[end] ?? 0);
  const answer = Buffer.from(query.subarray(0, end + 5));
  answer.writeUInt16BE(flags, 2);
  answer.writeUInt16BE(1, 4);
  answer.fill(0, 6, 12);
  socket.send(answer, client.port, client.address);
});
socket.bind(53, address, () => console.log('listening'));
