#include "cli/commands.hpp"

namespace amphora::cli {

const std::vector<Command>& commands() {
    static const std::vector<Command> all{
        {"init", "DATABASE --schema FILE [--schema FILE ...] [--json]",
         "makes a database, or adds what a schema says to one that is there", &init},
        {"load",
         "DATABASE NAME FILE [--batch LINES] [--waiting MIB] [--decimals] [--json], or "
         "NEW_DATABASE DIRECTORY [--batch LINES] [--waiting MIB] [--decimals] [--json]",
         "CSV into a table; JSON, an array or documents one after another, into a collection. FILE "
         "may be -. Rows that refer to later rows of the file wait in memory, at most 256 MiB "
         "(--waiting). JSON's whole numbers beyond 64 bits are refused, or become decimals "
         "(--decimals). With a directory: all of a dump into a new database",
         &load},
        {"dump", "DATABASE [NAME] [--schema] [--output DIRECTORY] [--rescue]",
         "a table as CSV, a collection as JSON Lines, the schema as text; or all into a directory",
         &dump},
        {"get", "DATABASE NAME KEY ... [--rescue] [--json]",
         "the row with a primary key, or the document with an _id", &get},
        {"find",
         "DATABASE NAME [FILTER ...] [--limit N] [--index NAME] [--backward] [--explain] "
         "[--rescue] "
         "[--json]",
         "documents by a filter in JSON, rows by words like price>=10 (=, !=, <, <=, >, >=)",
         &find},
        {"watch",
         "DATABASE [NAME ...] [--from POSITION] [--kind KIND ...] [--origin ORIGIN ...] "
         "[--mask TABLE.COLUMN ...] [--as NAME | --follow] [--json | --debezium | --cloudevents], "
         "or "
         "--archive DIRECTORY [--timeline UUID] [NAME ...] [--from POSITION] [--kind KIND ...] "
         "[--origin ORIGIN ...] [--mask TABLE.COLUMN ...] [--json | --debezium | --cloudevents]",
         "prints the changes that the journal still holds, or those in an archive, in the order of "
         "their commits, and ends after the last one. With --as it continues where the reader of "
         "that name was, and "
         "acknowledges what it has printed. A NAME is a table, a collection, or a topic of events "
         "(user.*, or "
         "topic:audit); without one every change is printed",
         &watch},
        {"consumers",
         "DATABASE [list | show NAME | pause NAME | resume NAME | read-again NAME TABLE | drop "
         "NAME] "
         "[--rescue] [--json]",
         "the consumers and readers that the database knows: how far they are, what fails; "
         "read-again "
         "has a consumer read one of its tables or collections again when it runs next",
         &consumers},
        {"dead-letters",
         "DATABASE [list [--consumer NAME] | show ID | replay ID | drop ID] [--rescue] [--json]",
         "the changes that consumers have set aside; replay gives one to its consumer again, drop "
         "removes it; ID may be all: every one that is dead",
         &dead_letters},
        {"trace", "DATABASE CORRELATION [--rescue] [--json]",
         "the story of a correlation over both stores, in order: the changes that the journal "
         "still "
         "holds, and dead letters",
         &trace},
        {"tables", "DATABASE [--system] [--rescue] [--json]",
         "tables and collections, with their columns and indexes", &tables},
        {"stats", "DATABASE [--rescue] [--json]",
         "sizes, sequences, marks, the consistency window, readers", &stats},
        {"check", "DATABASE [--deep] [--json]",
         "walks every invariant of both stores and of the journal; deep: and compares them",
         &check},
        {"repair", "DATABASE [--apply] [--schema FILE ...] [--json]",
         "makes a sound database of what can be read of a damaged one; without --apply only says "
         "what would come of it; a schema brings back definitions that are lost; exit code 1 if "
         "anything is missing",
         &repair},
        {"compact", "DATABASE [--json]", "gives unused space back to the system", &compact},
        {"expire", "DATABASE [--json]",
         "removes the documents that have expired by the clock of this machine, as the engine does "
         "in the background while a program has the database open for longer than ten minutes",
         &expire},
        {"backup", "DATABASE DESTINATION [--check] [--json]",
         "copies a database that is not in use into a new directory, and opens the copy", &backup},
        {"restore",
         "BACKUP DESTINATION [--archive DIRECTORY] [--to-sequence N | --to-time TIME] [--json]",
         "makes a database of a backup, as of a commit or a time if the archive reaches there",
         &restore},
        {"archive",
         "DATABASE ARCHIVE [--keep] [--json], or DATABASE --stop [--json], or ARCHIVE [--json]",
         "copies what the archive lacks of the journal, once or (--keep) from now on, until "
         "--stop; "
         "or lists what an archive covers",
         &archive},
    };
    return all;
}

}  // namespace amphora::cli
