#include "shared/mysql/error_kinds.hpp"

namespace platform::mysql {
namespace {

constexpr Meaning kLost{.kind = ErrorKind::Unavailable, .connection_lost = true};

/// The server's 1xxx, 3xxx and 4xxx and the client's 2xxx after which the connection is of no use.
bool loses_connection(int error_number) {
    switch (error_number) {
        case 1053:  // shutdown in progress
        case 1077:  // normal shutdown
        case 1079:  // shutdown complete
        case 1152:  // connection aborted
        case 1158:  // communication packets
        case 1159:  // read timeout on the server's side
        case 1160:  // write error
        case 1161:  // write timeout
        case 1184:  // connection aborted
        case 1927:  // connection was killed
        case 2002:  // cannot connect through the socket
        case 2003:  // cannot connect
        case 2004:  // cannot create a socket
        case 2005:  // unknown host
        case 2006:  // server has gone away
        case 2012:  // error in the handshake
        case 2013:  // lost connection during query
        case 2014:  // commands out of sync
        case 2020:  // packet too large
        case 2026:  // TLS failed
        case 2027:  // malformed packet
        case 2055:  // lost connection
        case 3169:  // the session was killed
        case 4031:  // disconnected for inactivity
            return true;
        default:
            return false;
    }
}

}  // namespace

Meaning meaning_of(int error_number) {
    constexpr Meaning kRolledBack{.kind = ErrorKind::Unavailable, .nothing_committed = true};
    constexpr Meaning kUnavailable{.kind = ErrorKind::Unavailable};
    constexpr Meaning kDenied{.kind = ErrorKind::Denied};
    switch (error_number) {
        case 1022:  // duplicate key, from a handler
        case 1060:  // the column exists already
        case 1061:  // the index exists already
        case 1062:  // duplicate entry
        case 1586:  // duplicate entry, with the key's name
            return {.kind = ErrorKind::Conflict};

        case 1205:  // lock wait timeout
        case 1213:  // deadlock
        case 1290:  // the server runs with --read-only
        case 1836:  // read-only mode
        case 3101:  // rolled back by a plugin before commit
        case 3572:  // NOWAIT found a lock
            return kRolledBack;

        case 1021:  // disk full
        case 1037:  // out of memory
        case 1038:  // out of sort memory
        case 1040:  // too many connections
        case 1041:  // out of resources
        case 1114:  // the table is full: no space
        case 1129:  // host blocked after many errors
        case 1180:  // error during COMMIT
        case 1203:  // the user has too many connections
        case 1206:  // the lock table is full
        case 1226:  // the user exceeded a resource
        case 1317:  // the query was killed
        case 1412:  // table definition changed, retry the transaction
        case 1598:  // the binary log cannot be written
            return kUnavailable;

        case 3024:  // max_execution_time
            return {.kind = ErrorKind::Timeout};

        case 1044:  // no right to the database
        case 1045:  // wrong user or password
        case 1142:  // no right to the table
        case 1143:  // no right to the column
        case 1227:  // a privilege is missing
        case 1370:  // no right to the routine
        case 1698:  // access denied without password
        case 1820:  // the password has to be changed
        case 1862:  // the password has expired
        case 3159:  // the server wants TLS
        case 3118:  // the account is locked
            return kDenied;

        default:
            return loses_connection(error_number) ? kLost : Meaning{};
    }
}

}  // namespace platform::mysql
