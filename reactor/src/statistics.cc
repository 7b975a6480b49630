#include "lksctp/reactor/statistics.h"

#include <array>

namespace lksctp {
namespace {

using S = AssociationStatistics;

constexpr std::array kRows = {
    StatisticsRow{"packets_sent", &S::packets_sent},
    StatisticsRow{"packets_received", &S::packets_received},
    StatisticsRow{"sacks_sent", &S::sacks_sent},
    StatisticsRow{"sacks_received", &S::sacks_received},
    StatisticsRow{"retransmitted_chunks", &S::retransmitted_chunks},
    StatisticsRow{"tsns_out_of_sequence", &S::tsns_out_of_sequence},
    StatisticsRow{"duplicate_chunks", &S::duplicate_chunks},
    StatisticsRow{"gap_ack_blocks", &S::gap_ack_blocks},
    StatisticsRow{"unordered_chunks_sent", &S::unordered_chunks_sent},
    StatisticsRow{"unordered_chunks_received", &S::unordered_chunks_received},
    StatisticsRow{"ordered_chunks_sent", &S::ordered_chunks_sent},
    StatisticsRow{"ordered_chunks_received", &S::ordered_chunks_received},
    StatisticsRow{"control_chunks_sent", &S::control_chunks_sent},
    StatisticsRow{"control_chunks_received", &S::control_chunks_received},
    StatisticsRow{"abandoned_unsent_chunks", &S::abandoned_unsent_chunks},
    StatisticsRow{"abandoned_sent_chunks", &S::abandoned_sent_chunks},
};

}  // namespace

std::span<const StatisticsRow> statistics_rows() { return kRows; }

}  // namespace lksctp
