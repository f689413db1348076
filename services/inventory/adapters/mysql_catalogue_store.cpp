#include "services/inventory/adapters/mysql_catalogue_store.hpp"

#include "services/inventory/adapters/stock_rows.hpp"
#include "shared/core/check.hpp"

#include <limits>
#include <string_view>
#include <utility>

namespace platform::inventory {
namespace {

constexpr std::string_view kDelta = "DELTA";
constexpr std::string_view kSet = "SET";

Result<std::optional<Item>> lock_item(mysql::Session& session, const std::string& product_id) {
    mysql::Sql sql{"SELECT "};
    sql.add(kItemColumns).add(" FROM inventory_items WHERE product_id = ? FOR UPDATE", product_id);
    auto rows = session.query(sql);
    if (!rows) return fail(std::move(rows).error());
    if (rows->empty()) return std::optional<Item>{};
    return std::optional(read_item(rows->front()));
}

Result<std::optional<Adjustment>> find_adjustment(mysql::Session& session, const std::string& key) {
    if (key.empty()) return std::optional<Adjustment>{};
    auto rows = session.query(mysql::Sql{
        "SELECT product_id, kind, amount, reason, delta, available, revision, made_at FROM adjustments "
        "WHERE idempotency_key = ?",
        key
    });
    if (!rows) return fail(std::move(rows).error());
    if (rows->empty()) return std::optional<Adjustment>{};
    const auto& row = rows->front();
    return std::optional(Adjustment{
        .wanted =
            {.key = key,
             .product_id = row.text(0),
             .kind = row.text(1) == kDelta ? AdjustmentWanted::Kind::Delta : AdjustmentWanted::Kind::SetTo,
             .amount = row.integer(2),
             .reason = row.text(3)},
        .delta = row.integer(4),
        .available = row.integer(5),
        .revision = row.integer(6),
        .made_at = row.time(7),
    });
}

Result<void> save_adjustment(mysql::Session& session, const std::optional<Adjustment>& adjustment) {
    if (!adjustment) return {};
    const auto& wanted = adjustment->wanted;
    return session
        .execute(mysql::Sql{
            "INSERT INTO adjustments "
            "(idempotency_key, product_id, kind, amount, reason, delta, available, revision, made_at) "
            "VALUES (?,?,?,?,?,?,?,?,?)",
            wanted.key,
            wanted.product_id,
            wanted.kind == AdjustmentWanted::Kind::Delta ? kDelta : kSet,
            wanted.amount,
            wanted.reason,
            adjustment->delta,
            adjustment->available,
            adjustment->revision,
            adjustment->made_at
        })
        .transform([](std::uint64_t) {});
}

Result<void> save_item(mysql::Session& session, const std::optional<Item>& was, const std::optional<Item>& item) {
    if (!item || was == item) return {};
    return was ? update_item(session, *was, *item) : add_item(session, *item);
}

}  // namespace

MysqlCatalogueStore::MysqlCatalogueStore(std::string topic, mysql::Pool& pool, outbox::Relay& relay)
    : topic_(std::move(topic)), pool_(pool), relay_(relay) {}

Result<void>
MysqlCatalogueStore::change(const std::string& product_id, const std::string& key, const Change& decide) {
    constexpr int kTries = 3;
    for (int tries = 0; tries < kTries; ++tries) {
        auto done = try_change(product_id, key, decide);
        // Conflict: the same product or the same key was stored by another request meanwhile; now it is seen.
        if (done || done.error().kind != ErrorKind::Conflict) return done;
    }
    return fail(ErrorKind::Unavailable, "other changes of the product were faster each time");
}

Result<void>
MysqlCatalogueStore::try_change(const std::string& product_id, const std::string& key, const Change& decide) {
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    auto transaction = mysql::Transaction::begin(**lease);
    if (!transaction) return fail(std::move(transaction).error());
    mysql::Session& session = transaction->session();
    auto item = lock_item(session, product_id);
    if (!item) return fail(std::move(item).error());
    const auto earlier = find_adjustment(session, key);
    if (!earlier) return fail(earlier.error());

    const auto was = *item;
    const auto effects = decide(*item, *earlier);
    std::vector<outbox::OutboxRow> rows;
    for (const auto& event : effects.events) rows.push_back(outbox::to_row(event, topic_));
    outbox::bundle(rows);
    auto saved = save_item(session, was, *item)
                     .and_then([&] { return save_adjustment(session, effects.adjustment); })
                     .and_then([&] { return save_ledger(session, effects.ledger); })
                     .and_then([&] { return outbox::insert(session, rows, relay_.claim()); })
                     .and_then([&] { return transaction->commit(); });
    if (!saved) return saved;
    relay_.hand_over(std::move(rows));
    return {};
}

Result<std::vector<MovementRecord>>
MysqlCatalogueStore::movements(const std::string& product_id, std::int64_t before, std::size_t limit) {
    auto lease = pool_.acquire();
    if (!lease) return fail(std::move(lease).error());
    auto rows = (*lease)->query(mysql::Sql{
        "SELECT id, product_id, movement, delta, orders, order_id, reason, moved_at FROM stock_movements "
        "WHERE product_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
        product_id,
        before > 0 ? before : std::numeric_limits<std::int64_t>::max(),
        limit
    });
    if (!rows) return fail(std::move(rows).error());
    std::vector<MovementRecord> records;
    for (const auto& row : *rows) {
        const auto movement = parse_movement(row.text(2));
        CHECK(movement.has_value(), "stock_movements.movement is written by this program only");
        records.push_back({
            .id = row.integer(0),
            .row =
                {.product_id = row.text(1),
                 .movement = *movement,
                 .delta = row.integer(3),
                 .orders = row.integer(4),
                 .order_id = OrderId{row.uuid(5)},
                 .reason = row.is_null(6) ? "" : row.text(6)},
            .at = row.time(7),
        });
    }
    return records;
}

}  // namespace platform::inventory
