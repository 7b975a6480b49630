import * as sctp from './index.js';
export * from './index.js';
export default sctp;
