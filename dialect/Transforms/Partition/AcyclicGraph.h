//===- AcyclicGraph.h - A graph whose nodes become one ----------*- C++ -*-===//

#ifndef ADVX_DIALECT_TRANSFORMS_PARTITION_ACYCLICGRAPH_H
#define ADVX_DIALECT_TRANSFORMS_PARTITION_ACYCLICGRAPH_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>
#include <vector>

namespace mlir::advx {

/// A directed graph without cycles; merging two of its nodes must not make one. The nodes stay
/// in an order in which no edge leads back, so that a search looks only at what lies between its
/// ends, from both of them at once, and stops with the side that ends first.
class AcyclicGraph {
public:
  using Node = uint32_t;
  using Edges = llvm::SmallVector<Node, 4>;

  /// `successors` of each node, all of them larger numbers.
  explicit AcyclicGraph(std::vector<Edges> successors);

  /// What a node is now, after merging.
  Node find(Node node);

  /// Whether a path of at least two steps leads from one of the nodes to the other; then they
  /// cannot be one.
  bool isBetween(Node a, Node b);

  /// Makes two nodes one, between which nothing is, and answers it.
  Node merge(Node a, Node b);

  /// Whether `a` stands before `b` in the order.
  bool isBefore(Node a, Node b) { return nodes[find(a)].label < nodes[find(b)].label; }

private:
  /// Part of a long path through the graph, for one node: `in` is the last place on it from which
  /// the node is reached, `out` the first that it reaches, `low` to `high` are its own places.
  struct OnPath {
    int32_t low = -1, high = -1, in = -1, out = INT32_MAX;
  };
  /// Most of what is refused is so because of the one long chain that a network is.
  static constexpr unsigned mostPaths = 4;

  struct NodeState {
    Edges successors, predecessors;
    uint64_t label = 0;                     ///< larger for what is later in the order
    Node previous, next;                    ///< in the order
    Node seenForward = 0, seenBackward = 0; ///< the last search that came here
    bool isMerged = false;                  ///< its edges may lead to itself, or twice to another
    OnPath paths[mostPaths];
  };

  /// What a search found: a path, or all that lies on one side of the gap.
  struct Search {
    Node first, last;
    bool hasPath = false;
    bool isForward = true; ///< `reached` are what `first` leads to, else what leads to `last`
    llvm::SmallVector<Node> reached;
    uint64_t merges = UINT64_MAX; ///< the number of merges before it
  };

  void findPath(unsigned path);
  bool hasKnownPath(Node from, Node to) const;
  const Search &search(Node a, Node b);
  Edges &edges(Node node, bool forward);
  void moveBehind(Node place, llvm::ArrayRef<Node> moved);
  void renumber();

  std::vector<NodeState> nodes;
  std::vector<Node> parents;
  std::vector<Node> seen; ///< scratch of `edges`
  Node first = 0;         ///< of the order; a node of its own that is never merged
  Node stamp = 0, seenStamp = 0;
  unsigned pathCount = 0;
  int32_t lengths[mostPaths] = {};
  uint64_t merges = 0;
  Search found;
};

} // namespace mlir::advx

#endif // ADVX_DIALECT_TRANSFORMS_PARTITION_ACYCLICGRAPH_H
