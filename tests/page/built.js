'use strict';

// The page as it is compiled in.

const fs = require('node:fs');
const path = require('node:path');

const built = path.resolve(__dirname, '../../metrics/http/page/built/live_page.cc');

function livePage() {
  const [html, policy] = [...fs.readFileSync(built, 'utf8').matchAll(/R"page\((.*?)\)page"/gs)]
    .map(([, text]) => text);
  return { html, policy };
}

module.exports = { livePage };
