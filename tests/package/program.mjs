// The same by `import`: both forms are one package with one state.

import { createRequire } from 'node:module';
import sctp, { connect, createServer } from 'lksctp';

const require = createRequire(import.meta.url);
if (require('lksctp') !== sctp || sctp.connect !== connect || sctp.createServer !== createServer) {
  throw new Error('two packages');
}
await import('./program.cjs');
