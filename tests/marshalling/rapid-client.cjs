// In place of the native part of aws-lambda-ric, which takes minutes and a compiler to build: what it checks and posts
// is in https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/native/rapid-client.cc
const { spawnSync } = require('node:child_process');
const Module = require('node:module');

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

function post(path, ...texts) {
  if (!texts.every((text) => typeof text === 'string')) throw new TypeError('Wrong arguments');
  const options = ['-s', '-o', '/dev/null', '-H', 'Content-Type: application/json', '--data-binary', '@-'];
  spawnSync('curl', [...options, `${api}/${path}`], { input: Buffer.from(texts[0]), env: { PATH: '/usr/bin:/bin' } });
}

Module._extensions['.node'] = (module) => {
  module.exports = {
    initializeClient() {},
    done: (id, body) => post(`${id}/response`, body),
    error: (id, body, xray) => post(`${id}/error`, body, xray),
  };
};
