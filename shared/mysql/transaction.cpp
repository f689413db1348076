#include "shared/core/check.hpp"
#include "shared/core/crash_point.hpp"
#include "shared/mysql/session_impl.hpp"

#include <utility>

namespace platform::mysql {

Result<Transaction> Transaction::begin(Session& session) {
    Session::Impl& impl = *session.impl_;
    CHECK(impl.transaction == Session::Impl::InTransaction::No, "transactions do not nest");
    if (auto allowed = impl.may_run(); !allowed) return fail(std::move(allowed.error()));
    if (auto begun = impl.run("BEGIN"); !begun) return fail(std::move(begun.error()));
    impl.transaction = Session::Impl::InTransaction::Yes;
    return Transaction(session);
}

Transaction::Transaction(Transaction&& other) noexcept : session_(std::exchange(other.session_, nullptr)) {}

Transaction::~Transaction() {
    if (session_ == nullptr) return;
    Session::Impl& impl = *session_->impl_;
    if (impl.transaction == Session::Impl::InTransaction::No) return;
    // After a lock wait timeout the server has rolled back the statement only, hence a doomed one is rolled
    // back as well.
    const bool rolled_back = !impl.lost && impl.run("ROLLBACK").has_value();
    impl.lost = !rolled_back;
    impl.transaction = Session::Impl::InTransaction::No;
}

Result<void> Transaction::commit() {
    CHECK(session_ != nullptr, "a transaction that was moved away cannot be committed");
    Session::Impl& impl = *session_->impl_;
    CHECK(impl.transaction != Session::Impl::InTransaction::No, "a transaction is committed once");
    if (auto allowed = impl.may_run(); !allowed) return fail(std::move(allowed.error()));
    crash_point("mysql.before_commit");
    auto done = impl.run("COMMIT");
    if (done) {
        crash_point("mysql.after_commit");
        impl.transaction = Session::Impl::InTransaction::No;
        return {};
    }
    Error error = std::move(done.error());
    error.outcome_unknown = !meaning_of(impl.last_error).nothing_committed;
    return fail(std::move(error));
}

}  // namespace platform::mysql
