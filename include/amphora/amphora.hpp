#pragma once

/// Everything that an application needs.
#include <amphora/archive.hpp>
#include <amphora/backup.hpp>
#include <amphora/commit_observer.hpp>
#include <amphora/consumer.hpp>
#include <amphora/database.hpp>
#include <amphora/document.hpp>
#include <amphora/error.hpp>
#include <amphora/feed.hpp>
#include <amphora/feed_json.hpp>
#include <amphora/options.hpp>
#include <amphora/query.hpp>
#include <amphora/query_observer.hpp>
#include <amphora/reader.hpp>
#include <amphora/repair.hpp>
#include <amphora/row.hpp>
#include <amphora/schema.hpp>
#include <amphora/statistics.hpp>
#include <amphora/transaction.hpp>
#include <amphora/typed.hpp>
#include <amphora/types.hpp>
#include <amphora/value.hpp>
