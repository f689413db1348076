#include "shared/mysql/error_kinds.hpp"

#include <gtest/gtest.h>

namespace platform::mysql {
namespace {

TEST(ErrorKinds, KnowsWhatCanBeTriedAgain) {
    struct Case {
        int number;
        ErrorKind kind;
        bool lost;
        bool nothing_committed;
    };
    for (const auto& [number, kind, lost, nothing_committed] : {
             Case{1062, ErrorKind::Conflict, false, false},
             Case{1205, ErrorKind::Unavailable, false, true},
             Case{1213, ErrorKind::Unavailable, false, true},
             Case{1290, ErrorKind::Unavailable, false, true},
             Case{1114, ErrorKind::Unavailable, false, false},
             Case{1040, ErrorKind::Unavailable, false, false},
             Case{1053, ErrorKind::Unavailable, true, false},
             Case{2003, ErrorKind::Unavailable, true, false},
             Case{2006, ErrorKind::Unavailable, true, false},
             Case{2013, ErrorKind::Unavailable, true, false},
             Case{3024, ErrorKind::Timeout, false, false},
             Case{1044, ErrorKind::Denied, false, false},
             Case{1045, ErrorKind::Denied, false, false},
             Case{1142, ErrorKind::Denied, false, false},
             Case{3159, ErrorKind::Denied, false, false},
             Case{1064, ErrorKind::Internal, false, false},
             Case{1146, ErrorKind::Internal, false, false},
             Case{0, ErrorKind::Internal, false, false},
         }) {
        SCOPED_TRACE(number);
        const Meaning meaning = meaning_of(number);
        EXPECT_EQ(meaning.kind, kind);
        EXPECT_EQ(meaning.connection_lost, lost);
        EXPECT_EQ(meaning.nothing_committed, nothing_committed);
    }
}

}  // namespace
}  // namespace platform::mysql
