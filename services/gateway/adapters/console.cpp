#include "services/gateway/adapters/console.hpp"

#include <string>
#include <string_view>

namespace platform::gateway {
namespace {

constexpr std::string_view kPage = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Order platform</title>
<link rel="stylesheet" href="/console.css">
<script src="/console.js" defer></script>
</head>
<body>
<h1>Order platform</h1>
<section>
<h2>Services</h2>
<table><thead><tr><th>service<th>status<th>pods</tr></thead><tbody id="services"></tbody></table>
</section>
<section>
<h2>Consumer lag</h2>
<table><thead><tr><th>group<th>service<th>records<th>partitions behind</tr></thead><tbody id="consumers"></tbody></table>
</section>
<section>
<h2>Place an order</h2>
<form id="order">
<label>Product <input name="productId" value="P-1001" required></label>
<label>Quantity <input name="quantity" type="number" min="1" value="1" required></label>
<label>Price <input name="price" inputmode="decimal" value="199.99" required></label>
<button>Place</button>
</form>
<p id="message" role="status"></p>
</section>
<section>
<h2>Its way</h2>
<p id="state"></p>
<ol id="steps"></ol>
</section>
</body>
</html>
)html";

constexpr std::string_view kScript = R"js('use strict';
const $ = (id) => document.getElementById(id);
const element = (tag, text, kind) => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
};

async function showServices() {
  try {
    const report = await (await fetch('/actuator/services')).json();
    $('services').replaceChildren(...report.services.map((service) => {
      const row = document.createElement('tr');
      const pods = service.pods.map((pod) => `${pod.address} ${pod.status}${pod.ejected ? ' (set aside)' : ''}`);
      row.append(element('td', service.name), element('td', service.status, service.status), element('td', pods.join(', ') || 'none'));
      return row;
    }));
    $('consumers').replaceChildren(...report.consumers.map((consumer) => {
      const row = document.createElement('tr');
      const behind = consumer.partitions.filter((one) => one.lag > 0).map((one) => `${one.topic}/${one.partition}: ${one.lag}`);
      row.append(element('td', consumer.group), element('td', consumer.service), element('td', consumer.lag), element('td', behind.join(', ') || 'none'));
      return row;
    }));
  } catch (error) {
    $('services').replaceChildren(element('tr', 'The gateway does not answer.'));
  }
  setTimeout(showServices, 2000);
}

async function follow(url, began) {
  const answer = await fetch(url);
  const order = await answer.json();
  if (answer.ok) {
    $('state').textContent = `${order.orderId}: ${order.status}, ${order.sagaState}`;
    const start = Date.parse(order.steps[0]?.at);
    $('steps').replaceChildren(...order.steps.map((step) =>
      element('li', `${step.step} after ${Date.parse(step.at) - start} ms`)));
  }
  const done = answer.ok && order.status !== 'CREATED' && order.sagaState !== 'COMPENSATING';
  if (!done && Date.now() - began < 60000) setTimeout(() => follow(url, began), 200);
}

$('order').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  const text = (name) => JSON.stringify(String(form.get(name)));
  const number = (name) => String(form.get(name)).trim() || 'null';
  const answer = await fetch('/api/orders', {
    method: 'POST',
    headers: {'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID ? crypto.randomUUID() : String(Math.random())},
    body: `{"productId":${text('productId')},"quantity":${number('quantity')},"price":${number('price')}}`,
  });
  const body = await answer.json();
  const faults = (body.errors || []).map((fault) => `${fault.pointer} ${fault.message}`).join('; ');
  $('message').textContent = answer.ok ? 'Accepted.' : `${answer.status} ${body.detail || body.title} ${faults}`;
  $('steps').replaceChildren();
  $('state').textContent = '';
  if (answer.ok) follow(answer.headers.get('Location'), Date.now());
});

showServices();
)js";

constexpr std::string_view kStyle =
    R"css(body { font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; }
.UP { color: #0a7a2f; font-weight: 600; }
.DOWN { color: #b00020; font-weight: 600; }
label { margin-right: 1rem; }
input { font: inherit; width: 7rem; }
button { font: inherit; }
@media (prefers-color-scheme: dark) { body { background: #1b1b1b; color: #ddd; } .UP { color: #5fd38a; } .DOWN { color: #ff7a8a; } }
)css";

void page(http::Server& server, const std::string& path, std::string_view type, std::string_view text) {
    server.route("GET", path, [type, text](const http::Request&, http::Responder responder) {
        responder.send(http::Response{
            .status = 200,
            .content_type = std::string(type),
            .body = std::string(text),
            .headers =
                {
                    {"Cache-Control", "no-cache"},
                    {"Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"},
                    {"X-Content-Type-Options", "nosniff"},
                    {"Referrer-Policy", "no-referrer"},
                },
        });
    });
}

}  // namespace

void declare_console(http::Server& server) {
    page(server, "/", "text/html; charset=utf-8", kPage);
    page(server, "/console.js", "text/javascript; charset=utf-8", kScript);
    page(server, "/console.css", "text/css; charset=utf-8", kStyle);
}

}  // namespace platform::gateway
