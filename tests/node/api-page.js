'use strict';

// What lib/index.d.ts declares, for the test that compares docs/node-api.md with it; and
// the part of that page that is made from it:
//
//   node tests/node/api-page.js --write

const fs = require('node:fs');
const path = require('node:path');
const ts = require('typescript');

const root = path.resolve(__dirname, '../..');
const pageFile = path.join(root, 'docs/node-api.md');
const typings = path.join(root, 'lib/index.d.ts');
const source = ts.createSourceFile(
  typings, fs.readFileSync(typings, 'utf8'), ts.ScriptTarget.ES2022, true);

const TYPES = '## Types\n';
// Streams and EventEmitter have these; they are declared for the types of their listeners.
const inherited = new Set(['on', 'once']);

function isExported(node) {
  return ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

/** The text of a declaration's comment, in one line. */
function comment(node) {
  return ts.getJSDocCommentsAndTags(node)
    .map((one) => one.getText(source))
    .join(' ')
    .replace(/^\/\*\*|\*\/$/g, '')
    .replace(/\n\s*\*/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function nameOf(member) {
  return member.name.getText(source).replace(/^'|'$/g, '');
}

const members = (node) => node.members.filter((member) => member.name);

/** Exported functions and variables, and their parameters. */
function exportsOf() {
  const found = new Map();
  const add = (name, parameters = []) => {
    found.set(name, new Set([...(found.get(name) ?? []), ...parameters]));
  };
  for (const node of source.statements) {
    if (ts.isFunctionDeclaration(node) && isExported(node)) {
      add(node.name.text, node.parameters.map(nameOf));
    } else if (ts.isVariableStatement(node) && isExported(node)) {
      for (const one of node.declarationList.declarations) add(nameOf(one));
    } else if (ts.isExportDeclaration(node)) {
      for (const one of node.exportClause.elements) {
        add(one.name.text, found.get(one.propertyName?.text) ?? new Set(['options', 'connectListener']));
      }
    }
  }
  return found;
}

/** Classes: their members with parameters, and their events. */
function classesOf() {
  const found = new Map();
  for (const node of source.statements) {
    if (!ts.isClassDeclaration(node)) continue;
    const name = node.name.text;
    const own = new Map();
    for (const member of node.members) {
      const hidden = ts.getModifiers(member)?.some(
        ({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
      const known = ts.isConstructorDeclaration(member) ? 'constructor' : nameOf(member);
      if (hidden || inherited.has(known)) continue;
      const parameters = (member.parameters ?? []).map(nameOf);
      own.set(known, new Set([...(own.get(known) ?? []), ...parameters]));
    }
    // In ServerEvents, SocketEvents, PersistentEvents.
    const events = source.statements.find((other) => ts.isInterfaceDeclaration(other) &&
      other.name.text === `${name.replace('Connection', '')}Events`);
    found.set(name, { members: own, events: members(events).map(nameOf) });
  }
  return found;
}

function typeText(node) {
  return node.getText(source).replace(/\/\*\*.*?\*\//gs, '').replace(/\s+/g, ' ').trim();
}

/** One entry of a list, in lines that fit. */
function bullet(text) {
  const lines = [];
  let line = '*';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > 96) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}

function renderInterface(node) {
  const bases = (node.heritageClauses ?? []).flatMap((one) => one.types).map(typeText);
  const list = members(node).map((member) => {
    const optional = member.questionToken ? '?' : '';
    const type = ts.isMethodSignature(member) ?
      typeText(member).slice(nameOf(member).length) : typeText(member.type);
    return bullet(`\`${nameOf(member)}${optional}\` \`${type}\` ${comment(member)}`.trim());
  });
  return [
    ...(comment(node) ? [comment(node)] : []),
    ...(bases.length > 0 ? [`With all of \`${bases.join('`, `')}\`.`] : []),
    ...(list.length > 0 ? [list.join('\n')] : []),
  ];
}

/** The part of the page behind "Types". */
function renderTypes() {
  const parts = [];
  for (const node of source.statements) {
    if (!isExported(node)) continue;
    if (ts.isInterfaceDeclaration(node)) {
      // Those of listeners are in the sections of their classes.
      if (/^(Server|Socket|Persistent)Events$/.test(node.name.text)) continue;
      parts.push(`### \`${node.name.text}\``, ...renderInterface(node));
    } else if (ts.isTypeAliasDeclaration(node)) {
      parts.push(`### \`${node.name.text}\``, ...(comment(node) ? [comment(node)] : []),
        `\`\`\`ts\n${node.getText(source)}\n\`\`\``);
    }
  }
  return `${parts.join('\n\n')}\n`;
}

/** Both parts of the page as it is. */
function page() {
  const text = fs.readFileSync(pageFile, 'utf8');
  const at = text.indexOf(TYPES);
  if (at === -1) throw new Error(`${pageFile} has no "Types"`);
  return { prose: text.slice(0, at), types: text.slice(at + TYPES.length + 1) };
}

module.exports = { exportsOf, classesOf, renderTypes, page };

if (require.main === module && process.argv[2] === '--write') {
  fs.writeFileSync(pageFile, `${page().prose}${TYPES}\n${renderTypes()}`);
}
