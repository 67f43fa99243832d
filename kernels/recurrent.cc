/** Which way a recurrent pass goes: hidden units in the lanes (recurrent.h), or sequences (sequence-lanes.h). The shape decides. */
#include "sequence-lanes.h"

namespace refrain {
namespace REFRAIN_ISA {

void unitsForward(const RecurrentForward&, const Team&);
void unitsBackward(const RecurrentBackward&, const Team&);
RecurrentSizes unitsSizes(const RecurrentShape&);
void lanesForward(const RecurrentForward&, const Team&);
void lanesBackward(const RecurrentBackward&, const Team&);
RecurrentSizes lanesSizes(const RecurrentShape&);

/** More weights than this would not stay in the second-level cache beside the states. */
constexpr Index MOST_WEIGHTS_OF_LANES = 1 << 16;

/** With fewer vectors of steps and sequences, adding up lanes takes as long as the sums of dW themselves. */
constexpr Index LEAST_VECTORS_OF_LANES = 32;

static bool sequencesInLanes(const RecurrentShape& shape) {
  if (shape.projected) return false;
  SequenceLanes lanes(shape);
  if ((Index)lanes.rows * lanes.K > MOST_WEIGHTS_OF_LANES || (Index)lanes.vectors * shape.T < LEAST_VECTORS_OF_LANES) return false;
  if (2 * lanes.row > 3 * (Index)shape.B) return false;  // too much of a row would lie idle
  Layout units(shape);
  Index vectorsOfUnits = 0;
  for (int block = 0; block < units.blocks; block++) vectorsOfUnits += units.vectorsOf(block);
  return (Index)lanes.vectors * lanes.rows * 20 <= vectorsOfUnits * shape.B * 19;  // at least a twentieth less to do
}

RecurrentSizes recurrentSizes(const RecurrentShape& shape) { return sequencesInLanes(shape) ? lanesSizes(shape) : unitsSizes(shape); }

void recurrentForward(const RecurrentForward& call, const Team& team) {
  FlushDenormals flush;
  sequencesInLanes(call.shape) ? lanesForward(call, team) : unitsForward(call, team);
}

void recurrentBackward(const RecurrentBackward& call, const Team& team) {
  FlushDenormals flush;
  sequencesInLanes(call.shape) ? lanesBackward(call, team) : unitsBackward(call, team);
}

}  // namespace REFRAIN_ISA
}  // namespace refrain
