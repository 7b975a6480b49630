// The same for `import`.
import sctp from './index.js';

export const {
  createServer,
  connect,
  createConnection,
  connectAsync,
  connectPersistent,
  Server,
  Socket,
  PersistentConnection,
  capabilities,
  events,
  journal,
  metrics,
  constants,
  ppids,
} = sctp;
export default sctp;
