#include "database/core.hpp"

#include <amphora/error.hpp>

#include <fmt/format.h>

#include <filesystem>

namespace amphora {

Core::~Core() {
    // A database that was never closed, or whose opening failed half-way: what is durable stays,
    // nothing more is delivered.
    schema.reset();
    engine.reset();
    if (archiver) archiver->stop();  // it calls the outbox; the journal still calls it
    outbox.reset();
    journal.reset();
    archiver.reset();
    documents.reset();
    relational.reset();
    lock.reset();
    if (vanishes) {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
}

void Core::require_usable() const {
    if (!open.load(std::memory_order_acquire)) {
        throw Error{ErrorCode::transaction_closed, path + " was closed; open it again"};
    }
    lock->check_process();
}

void Core::require_writable() const {
    require_usable();
    if (is_read_only()) {
        throw Error{ErrorCode::read_only,
                    path + " was opened read-only; open it for writing to change it"};
    }
}

void Core::close() {
    if (!open.exchange(false)) return;
    lock->check_process();
    if (!is_read_only()) {
        outbox->close();
        journal->close();
        archive_the_rest();
    }
    log(fmt::format("closed {}", path));
}

void Core::archive_the_rest() {
    if (!archiver) return;
    try {
        archiver->finish();
    } catch (const std::exception& error) {
        // The journal keeps what is not archived; the next opening goes on with it.
        log(fmt::format("archive: not everything is in it: {}", error.what()));
    }
}

}  // namespace amphora
