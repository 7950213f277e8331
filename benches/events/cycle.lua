-- A client of SQS, for wrk: sends a message, receives one, deletes it, over and over.
--
-- The queue must hold messages already, so that no receive comes back empty. Each thread of wrk has an environment of its
-- own, and its connections share it: what is received by one may be deleted by another.

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init(arguments)
   url, credential = arguments[1], arguments[2]
   handles, sent, received, deleted = {}, 0, 0, 0
   body = string.rep("x", 200)
end

local function call(operation, members)
   local headers = {
      ["Content-Type"] = "application/x-amz-json-1.0",
      ["X-Amz-Target"] = "AmazonSQS." .. operation,
      ["X-Amz-Date"] = credential .. "T000000Z",
      ["Authorization"] = "AWS4-HMAC-SHA256 Credential=000000000000/" .. credential ..
         "/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0",
   }
   return wrk.format("POST", "/", headers, '{"QueueUrl":"' .. url .. '"' .. members .. "}")
end

function request()
   local handle = table.remove(handles)
   if handle then
      deleted = deleted + 1
      return call("DeleteMessage", ',"ReceiptHandle":"' .. handle .. '"')
   elseif received < sent then
      received = received + 1
      return call("ReceiveMessage", "")
   else
      sent = sent + 1
      return call("SendMessage", ',"MessageBody":"' .. body .. '"')
   end
end

function response(status, headers, body)
   local handle = string.match(body, '"ReceiptHandle":%s*"([^"]+)"')
   if handle then
      table.insert(handles, handle)
   end
end

function done(summary, latency, requests)
   local total = 0
   for _, thread in ipairs(threads) do
      total = total + thread:get("deleted")
   end
   print(string.format("Cycles: %d in %d us", total, summary.duration))
end
