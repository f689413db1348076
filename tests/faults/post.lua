-- Orders for wrk, as fast as it can; tells how the answers were spread.
wrk.method = "POST"
wrk.path = "/api/orders"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"productId":"P-1001","quantity":1,"price":19.99}'

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  accepted, shed, other = 0, 0, 0
end

function response(status)
  if status == 202 then
    accepted = accepted + 1
  elseif status == 503 or status == 429 then
    shed = shed + 1
  else
    other = other + 1
  end
end

function done(summary, latency)
  local sum = { accepted = 0, shed = 0, other = 0 }
  for _, thread in ipairs(threads) do
    for name in pairs(sum) do
      sum[name] = sum[name] + thread:get(name)
    end
  end
  io.write(string.format("answers: %d accepted, %d shed, %d other, p99 %.0f ms\n", sum.accepted, sum.shed, sum.other, latency:percentile(99) / 1000))
end
