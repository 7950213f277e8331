// From Node.js 24 on, AWS's runtimes have no callbacks (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html),
// and a client written anew: aws-lambda-ric 4 in place of 3, which answers some errors otherwise.
export const CALLBACKS = Number(process.versions.node.split('.')[0]) < 24;
